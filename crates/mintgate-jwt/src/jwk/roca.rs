//! Moduli of a key generator that was broken (ROCA, CVE-2017-15361): its primes, and so its moduli, are powers of 65537
//! modulo many small primes, and can be factored. Nobody else's are, but for one key in hundreds of millions.

/// Whether `modulus`, big-endian, has that fingerprint.
pub(super) fn is_made_by_it(modulus: &[u8]) -> bool {
    SMALL_PRIMES.into_iter().all(|prime| is_power_of_65537(remainder(modulus, prime), prime))
}

fn remainder(number: &[u8], prime: u32) -> u32 {
    number.iter().fold(0, |left, byte| (left * 256 + u32::from(*byte)) % prime)
}

fn is_power_of_65537(number: u32, prime: u32) -> bool {
    let mut power = 1;
    loop {
        if power == number {
            return true;
        }
        power = power * (65537 % prime) % prime;
        if power == 1 {
            return false;
        }
    }
}

/// Those for which the powers of 65537 are not everything but zero.
const SMALL_PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_65537_are_found_and_other_numbers_are_not() {
        // 65537 is 10 modulo 11, whose powers are 1 and 10.
        assert!(is_power_of_65537(10, 11) && is_power_of_65537(1, 11));
        for other in [0, 2, 3, 4, 5, 6, 7, 8, 9] {
            assert!(!is_power_of_65537(other, 11), "{other}");
        }
        // 65537 itself, and one more than it.
        assert!(is_made_by_it(&[1, 0, 1]));
        assert!(!is_made_by_it(&[1, 0, 2]));
    }

    #[test]
    fn a_remainder_is_that_of_the_whole_number() {
        assert_eq!(remainder(&[1, 0, 1], 157), 65537 % 157);
        assert_eq!(remainder(&[0xff; 4], 157), u32::MAX % 157);
    }
}
