// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.TestBatches;
import io.millrace.broker.storage.memory.InMemoryLogStore;
import io.netty.buffer.ByteBuf;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Batches of one record and a little above 32 KiB each, read in pieces of four. */
class ReadAheadTest {
    private static final int BATCH_BYTES = 32 << 10;
    private static final int PIECE_BYTES = 4 * (BATCH_BYTES + 61);

    private final InMemoryLogStore store = new InMemoryLogStore();
    private final List<Long> asked = new ArrayList<>();
    private final List<LogSlice> given = new ArrayList<>();
    private int closed;
    private PartitionLog real;
    private PartitionLog log;

    @BeforeEach
    void fill() {
        real = store.acquire(new PartitionId(new UUID(1, 1), "t", 0), 1, cause -> {})
                .join();
        log = counting(real);
        append(16);
    }

    @Test
    void aReaderWhoComesBackWhereItStoppedFindsTheNextPieceRead() {
        ReadAhead ahead = new ReadAhead(1 << 20);
        read(ahead, 0);
        read(ahead, 4);
        assertEquals(List.of(0L, 4L, 8L), asked, "the second piece shows a sequence, the third is read before");

        List<Long> third = read(ahead, 8);

        assertEquals(List.of(8L, 9L, 10L, 11L), third);
        assertEquals(List.of(0L, 4L, 8L, 12L), asked);
    }

    @Test
    void readsNothingBeforeAskedForReadersHereAndThere() {
        ReadAhead ahead = new ReadAhead(1 << 20);

        read(ahead, 0);
        read(ahead, 8);
        read(ahead, 2);

        assertEquals(List.of(0L, 8L, 2L), asked);
    }

    @Test
    void aPieceCutByTheEndOfTheLogIsReadAgainOnceThereIsMore() {
        ReadAhead ahead = new ReadAhead(1 << 20);
        read(ahead, 2);
        read(ahead, 6);
        read(ahead, 10);
        assertEquals(List.of(2L, 6L, 10L, 14L), asked, "14 and 15 are half a piece");
        append(4);

        List<Long> last = read(ahead, 14);

        assertEquals(List.of(14L, 15L, 16L, 17L), last);
    }

    @Test
    void holdsNoMoreThanItsBudgetAndClosesWhatItGivesUp() {
        ReadAhead ahead = new ReadAhead(PIECE_BYTES);
        PartitionLog realOther = store.acquire(new PartitionId(new UUID(1, 2), "u", 0), 1, cause -> {})
                .join();
        PartitionLog first = log;
        for (int i = 0; i < 16; i++) {
            realOther.append(TestBatches.next(realOther, 1, BATCH_BYTES)).join();
        }
        read(ahead, 0);
        read(ahead, 4);

        log = counting(realOther);
        read(ahead, 0);
        read(ahead, 4);

        assertEquals(List.of(0L, 4L, 8L, 0L, 4L, 8L), asked);
        assertEquals(5, closed, "four by the reader, the first log's piece by the budget");
        log = first;
        read(ahead, 8);
        assertEquals(8L, asked.get(6), "it was given up, so it is read again");
    }

    @Test
    void closesWhatWasReadOfALogThatIsNotServedAnyMore() {
        ReadAhead ahead = new ReadAhead(1 << 20);
        read(ahead, 0);
        read(ahead, 4);

        ahead.forget(log);

        assertEquals(given.size(), closed);
        assertTrue(given.size() > 2);
    }

    private void append(int batches) {
        for (int i = 0; i < batches; i++) {
            real.append(TestBatches.next(real, 1, BATCH_BYTES)).join();
        }
    }

    private List<Long> read(ReadAhead ahead, long offset) {
        return TestBatches.baseOffsets(ahead.read(log, offset, PIECE_BYTES).join());
    }

    /** The log, noting which offsets are read and whether what was read is closed. */
    private PartitionLog counting(PartitionLog real) {
        return (PartitionLog) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {PartitionLog.class}, (proxy, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return method.getName().equals("equals")
                                ? proxy == arguments[0]
                                : (Object) System.identityHashCode(proxy);
                    }
                    if (method.getName().equals("read")) {
                        asked.add((Long) arguments[0]);
                        return real.read((Long) arguments[0], (Integer) arguments[1])
                                .thenApply(this::counted);
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException failure) {
                        throw failure.getCause();
                    }
                });
    }

    private LogSlice counted(LogSlice slice) {
        LogSlice counted = new LogSlice() {
            @Override
            public ByteBuf buffer() {
                return slice.buffer();
            }

            @Override
            public void close() {
                closed++;
                slice.close();
            }
        };
        given.add(counted);
        return counted;
    }
}
