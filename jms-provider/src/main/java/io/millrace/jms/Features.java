// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.Feature;
import jakarta.jms.JMSException;
import java.util.Set;

/** What the broker announced, asked before it is used: nothing is ignored in silence. */
record Features(Set<Feature> announced) {

    void require(Feature feature, String what) throws JMSException {
        if (!announced.contains(feature)) {
            throw JmsErrors.missing(feature, what);
        }
    }
}
