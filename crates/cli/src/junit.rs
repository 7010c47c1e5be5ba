//! A report in the form of JUnit, which CI systems read.

use answers::expect::Checked;
use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};
use render::{Faults, Told, escape};

use crate::faults::{self, Fault};

/// The report as XML: a test case for each expectation, and one for each input with a fault.
pub(crate) fn report(checked: &[Checked<'_>], faults: &Faults) -> Result<String, SerializeError> {
    let mut suite = TestSuite::new("expectations");
    for told in checked.iter().map(Told) {
        let Told(checked) = told;
        let failure = (!checked.is_met).then(|| {
            let offenders: Vec<_> = told.offenders(true).collect();
            (told.message(true), offenders.join("\n"))
        });
        suite.add_test_case(case(&checked.expectation.to_string(), failure));
    }
    let mut report = Report::new("synscope");
    report.add_test_suite(suite);
    report.add_test_suites(inputs(faults));
    report.to_string()
}

/// An error for each input with a fault. A test case has one error, so each input is a case.
fn inputs(faults: &Faults) -> Option<TestSuite> {
    let mut suite = TestSuite::new("inputs");
    for Fault { kind, source, message } in faults::each(faults) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(&*escape(&message)).set_type(kind);
        suite.add_test_case(named(&escape(source), status));
    }
    (!suite.test_cases.is_empty()).then_some(suite)
}

/// A test case, and the message and the description of its failure.
fn case(name: &str, failure: Option<(String, String)>) -> TestCase {
    let status = match failure {
        None => TestCaseStatus::success(),
        Some((message, description)) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message).set_type("not met").set_description(description);
            status
        }
    };
    named(name, status)
}

fn named(name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname("synscope");
    case
}

#[cfg(test)]
mod tests {
    use quick_junit::XmlString;

    use super::*;

    #[test]
    fn what_xml_forbids_is_left_out_and_what_it_means_is_escaped() {
        let odd = "<a> & \"b\" \u{1b}[31m\0\u{b}]]>\u{7f}\u{85}";
        let mut suite = TestSuite::new("odd");
        suite.add_test_case(case(odd, Some((odd.to_owned(), odd.to_owned()))));
        let mut report = Report::new("odd");
        report.add_test_suite(suite);
        let xml = report.to_string().expect("XML");
        let forbidden = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r');
        assert!(!xml.contains(forbidden), "{xml:?}");
        let read = Report::deserialize_from_str(&xml).expect("XML");
        let case = &read.test_suites[0].test_cases[0];
        assert!(case.name.as_str().starts_with("<a> & \"b\" "), "{case:?}");
        let TestCaseStatus::NonSuccess { message, description, .. } = &case.status else {
            panic!("{case:?}")
        };
        assert_eq!(message.as_ref().map(XmlString::as_str), Some(case.name.as_str()));
        assert_eq!(description.as_ref().map(XmlString::as_str), Some(case.name.as_str()));
    }
}
