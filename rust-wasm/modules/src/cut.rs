//! Where a text can be cut without cutting a character.

/// The last place between characters that is not behind `at`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The first place between characters that is not before `at`.
pub(crate) fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_stay_whole() {
        let text = "aé€";
        let floors: Vec<_> = (0..9).map(|at| floor(text, at)).collect();
        assert_eq!(floors, [0, 1, 1, 3, 3, 3, 6, 6, 6]);
        let ceils: Vec<_> = (0..9).map(|at| ceil(text, at)).collect();
        assert_eq!(ceils, [0, 1, 3, 3, 6, 6, 6, 6, 6]);
    }
}
