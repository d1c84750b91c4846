// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.memory;

import io.millrace.broker.storage.LogStore;
import io.millrace.broker.storage.SegmentContractTest;

class InMemorySegmentsTest extends SegmentContractTest {
    private final InMemoryLogStore store = new InMemoryLogStore();

    @Override
    protected LogStore open() {
        return store;
    }
}
