//! Plays a scenario and prints its calls as they are entered and return:
//! `cargo run -p lab --example play -- backlog`

use std::error::Error;

use lab::{CallEvent, Lab, Options, Scenario};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(name) = std::env::args().nth(1) else {
        for scenario in Scenario::all() {
            println!("{:14} {}", scenario.name, scenario.title);
        }
        return Ok(());
    };
    let scenario = Scenario::find(&name).ok_or("no such scenario")?;
    let lab = Lab::enter()?;
    let running = lab.run(scenario, Options::default())?;
    println!("{}\n", scenario.story);
    for event in running.calls() {
        let (CallEvent::Entered(call) | CallEvent::Returned(call)) = event;
        println!("{} {:9} {call}", call.entered, call.actor.to_string());
    }
    let report = running.join()?;
    for connection in &report.connections {
        match connection.association() {
            Some(association) => println!("{association} accepted: {}", connection.accepted),
            None => println!("no association with {}", connection.server),
        }
    }
    Ok(())
}
