// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of an Xid: XA specification, section 4.2. */
class BranchIdTest {
    @Test
    void partsOfUpTo64BytesInHexadecimalAreABranch() {
        String most = "0f".repeat(64);

        BranchId branch = new BranchId(7, most, most);

        assertEquals(branch, BranchId.parse(branch.toString()));
        assertEquals(new BranchId(-2, "9a", ""), BranchId.parse("-2:9A:"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "f", "0g", "0F", "/0", ":0", "`a", "0a0"})
    void globalIdOfAnythingElseIsRefused(String globalId) {
        assertThrows(IllegalArgumentException.class, () -> new BranchId(1, globalId, ""));
    }

    @Test
    void partsOfMoreBytesAreRefused() {
        String more = "00".repeat(65);

        assertThrows(IllegalArgumentException.class, () -> new BranchId(1, more, ""));
        assertThrows(IllegalArgumentException.class, () -> new BranchId(1, "00", more));
    }
}
