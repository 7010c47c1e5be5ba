//! Plays a scenario and shows its packets and calls on one time line:
//! `cargo run -p synscope-lab --example play -- backlog`

use std::error::Error;

use capture::live::drop_privileges;
use lab::{Lab, Moment, Options, Scenario};
use parser::{Content, Decoder};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(name) = std::env::args().nth(1) else {
        for scenario in Scenario::all() {
            println!("{:14} {}", scenario.name, scenario.title);
        }
        return Ok(());
    };
    let scenario = Scenario::find(&name).ok_or("no such scenario")?;
    println!("{}\n", scenario.story);

    // The order matters: everything that takes rights, then no rights any more, then threads.
    let lab = Lab::enter()?;
    let mut live = lab.open_capture()?;
    let prepared = lab.prepare(scenario, Options::default())?;
    drop_privileges()?;

    let mut decoder = Decoder::new();
    let report = prepared.start().watch(&mut live, &mut |moment| match moment {
        Moment::Call(event) => {
            println!("{} {:9} {}", event.time(), event.call().actor.to_string(), event.call());
        }
        Moment::Frame(frame) => {
            let time = frame.timestamp.ok_or("").map_or_else(String::from, |time| time.to_string());
            match decoder.decode(&frame).content {
                Content::Tcp(segment) => println!(
                    "{time}           {} > {} {} {} bytes",
                    segment.source, segment.destination, segment.flags, segment.len
                ),
                other => println!("{time}           {other:?}"),
            }
        }
        Moment::Idle(_) => {}
    })?;
    for connection in &report.connections {
        match connection.association() {
            Some(association) => println!("{association} accepted: {}", connection.accepted),
            None => println!("no association with {}", connection.server),
        }
    }
    Ok(())
}
