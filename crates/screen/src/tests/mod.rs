//! Screens as a terminal would show them, and what keys do.

mod fixture;
mod keys;
mod pictures;
