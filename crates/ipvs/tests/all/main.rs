//! Tests of the crate from outside: round trips, captured bytes, scripted conversations, plans.

#[cfg(test)]
mod batching;
#[cfg(test)]
mod brief;
#[cfg(test)]
mod captured;
#[cfg(test)]
mod conversation;
#[cfg(test)]
mod legacy;
#[cfg(test)]
mod planning;
#[cfg(test)]
mod replies;
#[cfg(test)]
mod round_trips;
#[cfg(test)]
mod strategies;
