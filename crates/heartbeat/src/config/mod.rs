//! The configuration as the daemon sees it: reading the files, the original's words for every finding, `--check`, `-D`, `-v`.

pub mod advice;
pub mod check;
pub mod cross;
pub mod load;
pub mod machine;
pub mod print;
pub mod text;

pub use load::{LoadOptions, Loaded, load};
