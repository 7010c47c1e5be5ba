//! What a link between two points does to a packet.

use handshake::Side;

use crate::plan::{Fault, Rule, Wall};
use crate::rng::Rng;
use crate::stack::Micros;
use crate::truth::Emission;
use crate::wire::Segment;
use crate::world::World;

/// How long a firewall takes, in microseconds: longer than an observer takes to see a packet again.
const FORGING: Micros = 40;

/// A packet enters a link: the times at which it leaves it, none where it is lost, two where it is
/// doubled. A firewall on the link may send something of its own.
pub(crate) fn cross(world: &mut World<'_>, emission: usize, link: usize) -> Vec<Micros> {
    let plan = world.plan;
    let sent = world.truth.emissions[emission].clone();
    let mut delay = plan.delays[link];
    if plan.jitter > 0 {
        let parts = [sent.flow as u64, sent.from as u64, sent.number as u64, link as u64];
        delay += Rng::of(plan.seed, &parts).between(0, plan.jitter);
    }
    let (mut lost, mut copy) = (false, None);
    for (index, fault) in plan.faults.iter().enumerate() {
        let hit = |which: &crate::plan::Which| {
            !sent.forged
                && (which.flow, which.from, which.number, which.link)
                    == (sent.flow, sent.from, sent.number, link)
        };
        match fault {
            Fault::Lose(which) if hit(which) => lost = true,
            Fault::Delay(which, by) if hit(which) => delay += by,
            Fault::Copy(which, gap) if hit(which) => copy = Some(*gap),
            Fault::Wall(wall) if wall.link == link && wall.concerns(&sent) => {
                let count = world.concerned[index];
                world.concerned[index] += 1;
                if (wall.from..wall.to).contains(&count) {
                    lost |= wall.drops();
                    wall.forge(world, &sent);
                }
            }
            _ => {}
        }
    }
    if lost {
        world.truth.lost.push((emission, link));
        return Vec::new();
    }
    let at = world.now() + delay;
    std::iter::once(at).chain(copy.map(|gap| at + gap)).collect()
}

impl Wall {
    fn concerns(&self, sent: &Emission) -> bool {
        let segment = &sent.segment;
        !sent.forged
            && sent.flow == self.flow
            && match self.rule {
                Rule::DropSyn
                | Rule::RejectSyn
                | Rule::ForgeRefusal
                | Rule::ForgeBareRst
                | Rule::ForgeWrongRst => sent.from == Side::Client && segment.is_syn(),
                Rule::DropSynAck | Rule::ForgeClientRst => segment.is_syn_ack(),
                Rule::DropAck | Rule::ForgeServerRst => {
                    sent.from == Side::Client && segment.is_ack()
                }
            }
    }

    fn drops(&self) -> bool {
        matches!(self.rule, Rule::DropSyn | Rule::RejectSyn | Rule::DropSynAck | Rule::DropAck)
    }

    /// Sends the RST that the rule says, in the name of the end that `sent` goes to.
    fn forge(&self, world: &mut World<'_>, sent: &Emission) {
        let heard = &sent.segment;
        let next = heard.seq.wrapping_add(1 + heard.len);
        let says = match self.rule {
            Rule::DropSyn | Rule::DropSynAck | Rule::DropAck => return,
            Rule::RejectSyn | Rule::ForgeRefusal => format!("R. 0:0(0) ack {next}"),
            Rule::ForgeBareRst => "R 0:0(0)".to_owned(),
            Rule::ForgeWrongRst => format!("R. 0:0(0) ack {}", next.wrapping_sub(5_001)),
            Rule::ForgeClientRst | Rule::ForgeServerRst => format!("R {0}:{0}(0)", heard.ack),
        };
        let id = if heard.to.is_ipv4() { "ip_id 0" } else { "" };
        let ends = format!("host F {}\nhost T {}", heard.to, heard.from);
        let script = format!("{ends}\n+0 F > T {says} win 0 ttl 250 {id}");
        let script = testkit::Script::parse(&script).expect("a RST in the script's language");
        let packet = script.frames()[0].bytes[14..].to_vec();
        let from = sent.from.other();
        let emission = Emission {
            flow: sent.flow,
            from,
            number: usize::MAX,
            attempt: sent.attempt,
            answers: None,
            forged: true,
            segment: Segment::read(&packet),
            packet,
        };
        // It goes back to the point from which the packet came.
        let point = if from == Side::Server { self.link } else { self.link + 1 };
        let at = world.now() + FORGING;
        world.launch(emission, point, at);
    }
}
