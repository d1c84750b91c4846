// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.BranchId;
import java.util.Arrays;
import java.util.HexFormat;
import javax.transaction.xa.XAException;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/** Branch ids as the transaction API has them. */
final class Xids {
    private static final HexFormat HEX = HexFormat.of();

    private Xids() {}

    static BranchId of(@Nullable Xid xid) throws XAException {
        if (xid == null) {
            throw XaErrors.of(XAException.XAER_INVAL, "The Xid is null.");
        }
        try {
            BranchId id = new BranchId(
                    xid.getFormatId(),
                    HEX.formatHex(xid.getGlobalTransactionId()),
                    HEX.formatHex(xid.getBranchQualifier()));
            if (id.isOfBundle()) {
                throw XaErrors.of(XAException.XAER_INVAL, "The Xid has a format that is Millrace's own.");
            }
            return id;
        } catch (IllegalArgumentException e) {
            throw XaErrors.of(XAException.XAER_INVAL, "The Xid is not valid: " + e.getMessage() + ".");
        }
    }

    static Xid toXid(BranchId id) {
        return new Recovered(id.formatId(), HEX.parseHex(id.globalId()), HEX.parseHex(id.qualifier()));
    }

    /** A branch as the broker named it. Transaction managers make their own of its parts. */
    private static final class Recovered implements Xid {
        private final int formatId;
        private final byte[] globalId;
        private final byte[] qualifier;

        Recovered(int formatId, byte[] globalId, byte[] qualifier) {
            this.formatId = formatId;
            this.globalId = globalId;
            this.qualifier = qualifier;
        }

        @Override
        public int getFormatId() {
            return formatId;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return globalId.clone();
        }

        @Override
        public byte[] getBranchQualifier() {
            return qualifier.clone();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Xid xid
                    && xid.getFormatId() == formatId
                    && Arrays.equals(xid.getGlobalTransactionId(), globalId)
                    && Arrays.equals(xid.getBranchQualifier(), qualifier);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * formatId + Arrays.hashCode(globalId)) + Arrays.hashCode(qualifier);
        }

        @Override
        public String toString() {
            return formatId + ":" + HEX.formatHex(globalId) + ":" + HEX.formatHex(qualifier);
        }
    }
}
