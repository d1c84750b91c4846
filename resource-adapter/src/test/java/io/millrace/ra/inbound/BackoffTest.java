// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    @ParameterizedTest
    @CsvSource({"0,100", "1,100", "2,200", "3,400", "7,6400", "8,10000", "1000000,10000"})
    void doublesUpToItsLimit(int failures, long delayMs) {
        assertEquals(delayMs, new Backoff(100, 10_000).afterMs(failures));
    }
}
