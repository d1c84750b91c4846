// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.ConnectionMetaData;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/**
 * What this provider is (Jakarta Messaging 3.1, section 6.1.6), and which JMSX properties a connection supports.
 *
 * @param names their names
 */
record MetaData(List<String> names) implements ConnectionMetaData {
    private static final List<String> ALWAYS =
            List.of("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount", "JMSXRcvTimestamp");

    private static final int MAJOR = 0;
    private static final int MINOR = 1;

    /** Of a connection that stamps what it sends with these besides (section 3.5.9). */
    static MetaData with(Collection<String> stamps) {
        List<String> names = new ArrayList<>(ALWAYS);
        names.addAll(stamps);
        return new MetaData(List.copyOf(names));
    }

    @Override
    public String getJMSVersion() {
        return "3.1";
    }

    @Override
    public int getJMSMajorVersion() {
        return 3;
    }

    @Override
    public int getJMSMinorVersion() {
        return 1;
    }

    @Override
    public String getJMSProviderName() {
        return "Millrace";
    }

    @Override
    public String getProviderVersion() {
        return MAJOR + "." + MINOR;
    }

    @Override
    public int getProviderMajorVersion() {
        return MAJOR;
    }

    @Override
    public int getProviderMinorVersion() {
        return MINOR;
    }

    @Override
    public Enumeration<?> getJMSXPropertyNames() {
        return Collections.enumeration(names);
    }
}
