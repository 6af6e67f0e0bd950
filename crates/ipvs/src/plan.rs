//! The least, safely ordered list of changes from one table to another.
