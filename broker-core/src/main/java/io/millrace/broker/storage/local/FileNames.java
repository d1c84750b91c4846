// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

/**
 * Numbers in file names: 20 digits, so that the names sort as the numbers do. By hand: a start reads thousands of names, in
 * a JVM that has compiled neither regular expressions nor formats yet.
 */
final class FileNames {
    static final int DIGITS = 20;
    private static final String ZEROS = "0".repeat(DIGITS);

    private FileNames() {}

    static String padded(long number) {
        String digits = Long.toString(number);
        return ZEROS.substring(digits.length()) + digits;
    }

    /** The number in {@code name[from, to)}; -1 where that is not all digits, too short or no long. */
    static long number(String name, int from, int to) {
        if (from < 0 || from >= to || to > name.length()) {
            return -1;
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9 || number > (Long.MAX_VALUE - digit) / 10) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
