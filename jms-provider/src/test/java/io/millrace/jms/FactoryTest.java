// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.jms.config.BadUrlException;
import io.millrace.jms.config.ConnectionUrl;
import io.millrace.jms.config.HostPort;
import jakarta.jms.JMSRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Factory, destinations and URLs. */
class FactoryTest {

    @Test
    void readsSeveralBrokersAndOptions() throws Exception {
        ConnectionUrl url = ConnectionUrl.parse("millrace://a:1,[::1]:2,c?prefetch=5&clientId=x%20y");

        assertEquals(List.of(new HostPort("a", 1), new HostPort("::1", 2), new HostPort("c", 9092)), url.hosts());
        assertEquals("x y", url.options().get("clientId"));
    }

    @Test
    void readsZooKeeperWithChroot() throws Exception {
        ConnectionUrl url = ConnectionUrl.parse("millrace+zk://z1:2181,z2/mill/race");

        assertEquals(ConnectionUrl.Scheme.ZOOKEEPER, url.scheme());
        assertEquals("/mill/race", url.chroot());
        assertEquals(2181, url.hosts().get(1).port());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp://a:1 | must start with",
                "millrace://a:x | is not a number",
                "millrace://a:70000 | not within",
                "millrace://a,,b | a host is empty",
                "millrace://a/path | belongs to millrace+zk",
                "millrace://a?prefetch=0 | must be a number from 1",
                "millrace://a?prefetsch=1 | no option \"prefetsch\"",
                "millrace://a?prefetch | not of the form",
            })
    void namesWhatIsWrongWithAUrl(String url, String problem) {
        BadUrlException bad =
                assertThrows(BadUrlException.class, () -> new MillraceConnectionFactory(url).createConnection());

        assertTrue(bad.getMessage().contains(problem), bad.getMessage());
        assertThrows(JMSRuntimeException.class, () -> new MillraceConnectionFactory(url).createContext());
    }

    @Test
    void keepsThePasswordToItself() {
        MillraceConnectionFactory factory = new MillraceConnectionFactory("millrace://a?password=secret");
        factory.setPassword("hidden");

        assertFalse(factory.toString().contains("secret"));
        assertFalse(factory.toString().contains("hidden"));
    }

    @Test
    void survivesJndiAndSerialization() throws Exception {
        MillraceConnectionFactory factory = new MillraceConnectionFactory("millrace://a:1");
        factory.setClientId("me");
        factory.setPrefetch(7);
        MillraceObjectFactory objects = new MillraceObjectFactory();

        assertEquals(factory, objects.getObjectInstance(factory.getReference(), null, null, null));
        assertEquals(factory, copy(factory));
        for (MillraceDestination destination : List.of(new MillraceQueue("q"), new MillraceTopic("t"))) {
            assertEquals(destination, objects.getObjectInstance(destination.getReference(), null, null, null));
            assertEquals(destination, copy(destination));
        }
    }

    private static Object copy(Object object) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return in.readObject();
        }
    }

    @ParameterizedTest
    @CsvSource({"21, -973932308", "foobar, -790332482", "a-little-bit-long-string, -985981536"})
    void hashesKeysAsKafkaDoes(String key, int hash) {
        assertEquals(hash, PartitionChooser.murmur2(key.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
}
