// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import java.util.Arrays;
import java.util.UUID;
import javax.transaction.xa.Xid;

/** A branch of a transaction manager that is a test. */
record TestXid(UUID global, int branch) implements Xid {

    static TestXid fresh() {
        return new TestXid(UUID.randomUUID(), 1);
    }

    @Override
    public int getFormatId() {
        return 4_711;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return global.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    @Override
    public byte[] getBranchQualifier() {
        return new byte[] {(byte) branch};
    }

    boolean is(Xid other) {
        return other.getFormatId() == getFormatId()
                && Arrays.equals(other.getGlobalTransactionId(), getGlobalTransactionId())
                && Arrays.equals(other.getBranchQualifier(), getBranchQualifier());
    }
}
