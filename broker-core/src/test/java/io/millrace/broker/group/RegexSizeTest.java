// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexSizeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "abc 3", "a{4} 4", "xa{2,4} 5", "a{3,} 3", "a{0} 1", "(ab){3} 6", "((a{10}){10}){10} 1000",
                "a{10}b{10} 20", "[a-f0-9]{8} 8", "[]a]{5} 5", "[[:alpha:]x]{5} 5", "\\d{7} 7", "\\{2} 3", "{2} 0",
                "a{2}{3} 6"
            })
    void countsAreWrittenOut(String regex, long size) {
        assertEquals(size, RegexSize.of(regex));
    }

    @Test
    void aUuidIsSmall() {
        assertTrue(RegexSize.of("orders-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}") < 60);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a{1000}){1000}",
                "(\\Q)\\E(a{1000})){1000}",
                "(a{1000}[)]b){1000}",
                "((a{100}[[:alpha:])]b){100}){100}",
                "(a{1000}\\)){1000}",
                "(?i:(?:a{1000}){1000})"
            })
    void nothingHidesNestedCounts(String regex) {
        assertTrue(RegexSize.of(regex) >= 1_000_000, regex + ": " + RegexSize.of(regex));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\\", "[", "[^", "[[:", "(((", ")))", "{", "a{999999999}", "\\Q"})
    void anythingIsRead(String regex) {
        assertTrue(RegexSize.of(regex) >= 0);
    }
}
