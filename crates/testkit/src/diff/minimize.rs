//! Finds a short history that still leads to a difference.

use anyhow::Result;

/// Removes parts of `history` as long as `shows` says that the difference stays: halves first, single items last.
///
/// If the complete history does not show it either, it is returned as it is.
///
/// # Errors
///
/// Those of `shows`.
pub fn shortest<T: Copy>(history: Vec<T>, mut shows: impl FnMut(&[T]) -> Result<bool>) -> Result<Vec<T>> {
    let mut kept = history;
    if shows(&[])? {
        return Ok(Vec::new());
    }
    let mut size = kept.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        let mut removed = false;
        while from < kept.len() {
            let rest: Vec<T> = kept.iter().take(from).chain(kept.iter().skip(from + size)).copied().collect();
            if shows(&rest)? {
                kept = rest;
                removed = true;
            } else {
                from += size;
            }
        }
        if !removed || size > 1 {
            size /= 2;
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_matters_is_kept_in_order() {
        let history: Vec<u32> = (0..50).collect();
        let shows = |part: &[u32]| Ok(part.contains(&7) && part.contains(&31));
        assert_eq!(shortest(history, shows).unwrap(), [7, 31]);
    }

    #[test]
    fn a_difference_without_history_needs_none() {
        assert!(shortest(vec![1, 2, 3], |_| Ok(true)).unwrap().is_empty());
    }

    #[test]
    fn a_difference_that_cannot_be_repeated_keeps_its_history() {
        assert_eq!(shortest(vec![1, 2, 3], |_| Ok(false)).unwrap(), [1, 2, 3]);
    }
}
