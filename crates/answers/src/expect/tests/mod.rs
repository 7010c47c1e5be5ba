//! Expectations: their language, and what attempts make of them.

mod figures;
mod wording;
