// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import javax.transaction.xa.Xid;

/** A branch of a transaction manager that is a test. */
public record TestXid(UUID global) implements Xid {

    public static TestXid fresh() {
        return new TestXid(UUID.randomUUID());
    }

    @Override
    public int getFormatId() {
        return 4_711;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return global.toString().getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public byte[] getBranchQualifier() {
        return new byte[] {1};
    }
}
