// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.LogStore;
import io.millrace.broker.storage.LogStoreContractTest;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract under {@code flush=os}. */
class LocalLogStoreOsTest extends LogStoreContractTest {
    @TempDir
    Path directory;

    @Override
    protected LogStore open() {
        return LocalLogStore.open(LocalStoreOptions.defaults(directory)
                .withJournalFileBytes(64 << 10)
                .withSegmentBytes(16 << 10)
                .withIndexIntervalBytes(1 << 10)
                .withFlush(FlushMode.OS));
    }
}
