// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.jms.ConnectionMetaData;
import jakarta.jms.JMSException;
import jakarta.resource.spi.ManagedConnectionMetaData;
import org.jspecify.annotations.Nullable;

/**
 * What the server shows of a connection.
 *
 * @param getEISProductName the provider's name
 * @param getEISProductVersion its version
 * @param getUserName the user, empty for none
 */
record MetaData(String getEISProductName, String getEISProductVersion, String getUserName)
        implements ManagedConnectionMetaData {

    static MetaData of(ConnectionMetaData data, @Nullable String user) throws JMSException {
        return new MetaData(data.getJMSProviderName(), data.getProviderVersion(), user == null ? "" : user);
    }

    /** No limit. */
    @Override
    public int getMaxConnections() {
        return 0;
    }
}
