// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.HostPort;
import io.millrace.jms.wire.NettyProvider;
import io.millrace.protocol.message.ListGroups;
import java.util.List;
import java.util.Map;

/** What an operator sees of a broker. */
public final class BrokerView {
    private BrokerView() {}

    /** The groups of a destination: its queue or its subscriptions. */
    public static List<ListGroups.Group> groups(EmbeddedBroker broker, String destination) throws Exception {
        NettyProvider provider = NettyProvider.connect(
                () -> List.of(new HostPort("127.0.0.1", broker.port())),
                ConnectionOptions.of(broker.url(), Map.of()),
                lost -> {});
        try {
            return provider.home()
                    .request(new ListGroups(destination), ListGroups.Response.class)
                    .get()
                    .groups();
        } finally {
            provider.close();
        }
    }
}
