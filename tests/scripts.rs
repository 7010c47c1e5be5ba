//! Handshakes that several tests use.

/// One of each: established, refused, unanswered; at 10, 20 and 30 ms.
pub(crate) const THREE_FATES: &str = "
    host C1 192.0.2.1:40001
    host C2 192.0.2.1:40002
    host C3 [2001:db8::1]:40003
    host S  192.0.2.2:80
    host D  192.0.2.2:81
    host S6 [2001:db8::2]:443
    isn J=1000 K=4294967295
    =10ms     C1 > S  S   J:J(0) win 64240 <mss 1460,sackOK,nop,wscale 7>
    +250us    S  > C1 S.  K:K(0) ack J+1 <mss 1460>
    +50us     C1 > S  .   J+1:J+1(0) ack K+1
    +1ms      S  > C1 .   K+1:K+1(0) ack J+1
    =20ms     C2 > D  S   J:J(0)
    +100us    D  > C2 R.  0:0(0) ack J+1
    =30ms     C3 > S6 S   J:J(0)
";

/// A handshake between other hosts, at 15 ms.
pub(crate) const ANOTHER: &str = "
    client 198.51.100.1:50000 server 198.51.100.2:22
    isn J=7 K=9
    =15ms     C > S S  J:J(0)
    +300ms    S > C S. K:K(0) ack J+1
    +1ms      C > S .  J+1:J+1(0) ack K+1
    +1ms      S > C .  K+1:K+1(0) ack J+1
";

/// Nobody listens.
pub(crate) const REFUSED: &str = "
    client 192.0.2.1:40002 server 192.0.2.2:81
    isn J=1000
    +0     C > S S  J:J(0)
    +100us S > C R. 0:0(0) ack J+1
";

/// Two attempts: the first sends its SYN again, the second is at a minute past seven.
pub(crate) const AGAIN: &str = "
    client 192.0.2.1:40001 server 192.0.2.2:80
    host C2 192.0.2.1:40002
    isn J=1000 K=7
    start 1795330800.5
    +0       C > S  S   J:J(0)
    +1s      C > S  S   J:J(0)
    +1ms     S > C  S.  K:K(0) ack J+1
    +1ms     C > S  .   J+1:J+1(0) ack K+1
    =60s     C2 > S S   5:5(0)
    +1ms     S > C2 R.  0:0(0) ack 6
";
