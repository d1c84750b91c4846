// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import java.lang.management.ManagementFactory;
import java.util.Hashtable;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows an activation in JMX. Without one, or without the right to, beans are delivered to all the same. */
final class EndpointRegistration {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointRegistration.class);
    private static final int MOST_ALIKE = 1_000;

    private final @Nullable ObjectName name;

    private EndpointRegistration(@Nullable ObjectName name) {
        this.name = name;
    }

    /** Two applications that deploy alike get numbers; a free one is found by registering. */
    static EndpointRegistration of(EndpointMXBean bean, String activation) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            for (int instance = 1; instance <= MOST_ALIKE; instance++) {
                ObjectName name = name(activation, bean.getDestination(), instance);
                try {
                    server.registerMBean(bean, name);
                    return new EndpointRegistration(name);
                } catch (InstanceAlreadyExistsException taken) {
                    LOG.debug("{} is taken", name);
                }
            }
            LOG.warn("{} deployments of {} are in JMX already; this one is not", MOST_ALIKE, activation);
        } catch (JMException | RuntimeException e) {
            LOG.warn("{} cannot be shown in JMX: {}", activation, e.toString());
        }
        return new EndpointRegistration(null);
    }

    /** Its characters are any that a deployer chose. */
    @SuppressWarnings("JdkObsolete") // ObjectName asks for a Hashtable
    private static ObjectName name(String activation, String destination, int instance) throws JMException {
        Hashtable<String, String> keys = new Hashtable<>();
        keys.put("type", "Endpoint");
        keys.put("name", ObjectName.quote(activation));
        keys.put("destination", ObjectName.quote(destination));
        keys.put("instance", Integer.toString(instance));
        return new ObjectName("io.millrace", keys);
    }

    /** Idempotent. */
    void end() {
        if (name == null) {
            return;
        }
        try {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
        } catch (InstanceNotFoundException gone) {
            LOG.debug("{} is not in JMX any more", name);
        } catch (JMException e) {
            LOG.warn("{} cannot be taken out of JMX: {}", name, e.toString());
        }
    }
}
