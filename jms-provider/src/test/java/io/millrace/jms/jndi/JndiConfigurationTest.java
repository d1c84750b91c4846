// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.jms.config.BadUrlException;
import java.util.Properties;
import javax.naming.ConfigurationException;
import javax.naming.InitialContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Properties that cannot be used fail as the context is made, each by its name. */
@SuppressWarnings("BanJNDI") // the names are the test's, the context is ours
class JndiConfigurationTest {

    private static ConfigurationException refused(Properties properties) {
        return assertThrows(ConfigurationException.class, () -> new InitialContext(properties));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "java.naming.provider.url | tcp://a:1 | must start with",
                "java.naming.provider.url | millrace://a?prefetch=0 | must be a number from 1",
                "connectionFactory.cf | millrace://a:x | is not a number",
                "connectionFactory.jms/cf | millrace://a?prefetsch=1 | no option \"prefetsch\"",
                "xaConnectionFactory.xa | millrace://a/path | belongs to millrace+zk",
            })
    void aBadUrlNamesItsProperty(String property, String url, String problem) {
        ConfigurationException refused = refused(InitialContexts.properties(property, url));

        assertTrue(refused.getMessage().startsWith("The property " + property + " "), refused.getMessage());
        assertTrue(refused.getMessage().contains(problem), refused.getMessage());
        assertInstanceOf(BadUrlException.class, refused.getRootCause());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "queue.orders | '' | is not the name of a destination",
                "queue.orders | ' ' | is not the name of a destination",
                "queue.orders | my orders | \"my orders\" is not the name",
                "queue.jms/orders | a/b | \"a/b\" is not the name",
                "topic.prices | .. | \"..\" is not the name",
                "queue.orders | topic:///orders | is not the name of a queue",
                "topic.prices | topic:///prices?from=then | from=\"then\"",
            })
    void aNameThatNoDestinationCanHaveNamesItsProperty(String property, String value, String problem) {
        ConfigurationException refused = refused(InitialContexts.properties(property, value));

        assertTrue(refused.getMessage().startsWith("The property " + property + " "), refused.getMessage());
        assertTrue(refused.getMessage().contains(problem), refused.getMessage());
        assertInstanceOf(Exception.class, refused.getRootCause());
    }

    @Test
    void theLongestNamesOfDestinationsAreTaken() throws Exception {
        Properties properties = InitialContexts.properties("queue.q", "a".repeat(249), "topic.t", "...");

        InitialContext context = new InitialContext(properties);

        assertEquals("queue:///" + "a".repeat(249), context.lookup("q").toString());
        refused(InitialContexts.properties("queue.q", "a".repeat(250)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "queue. | the name that it binds is empty",
                "queue./orders | a part of the name that it binds is empty",
                "queue.jms//orders | a part of the name that it binds is empty",
                "queue.jms/ | a part of the name that it binds is empty",
                "queue.\"jms | is not a composite name",
                "queue.dynamicQueues | is the context of names that need no property",
                "queue.dynamicTopics/orders | is the context of names that need no property",
            })
    void aNameThatCannotBeBoundNamesItsProperty(String property, String problem) {
        ConfigurationException refused = refused(InitialContexts.properties(property, "orders"));

        assertTrue(refused.getMessage().startsWith("The property " + property + " "), refused.getMessage());
        assertTrue(refused.getMessage().contains(problem), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "queue.orders,       topic.orders,        'topic.orders cannot',      'bound by the property queue.orders'",
        "queue.jms,          topic.jms/orders,    'topic.jms/orders cannot',  'bound by the property queue.jms'",
        "queue.jms/a/b,      topic.jms/a,         'topic.jms/a cannot',       'since the property queue.jms/a/b'",
    })
    void twoPropertiesThatBindOneNameAreBothNamed(String one, String other, String refusedOne, String because) {
        ConfigurationException refused = refused(InitialContexts.properties(one, "a", other, "a"));

        assertTrue(refused.getMessage().contains(refusedOne), refused.getMessage());
        assertTrue(refused.getMessage().contains(because), refused.getMessage());
    }

    @Test
    void aValueThatIsNoStringNamesItsProperty() {
        Properties properties = InitialContexts.properties();
        properties.put("queue.orders", 7);

        ConfigurationException refused = refused(properties);

        assertTrue(refused.getMessage().contains("queue.orders"), refused.getMessage());
        assertTrue(refused.getMessage().contains("java.lang.Integer"), refused.getMessage());
    }

    @Test
    void thePasswordOfABadUrlIsKept() {
        ConfigurationException refused =
                refused(InitialContexts.properties("connectionFactory.cf", "millrace://a?password=secret&x=1"));

        assertFalse(refused.getMessage().contains("secret"), refused.getMessage());
    }
}
