// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import io.millrace.jms.MillraceXAConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TopicConnectionFactory;
import jakarta.jms.XAConnectionFactory;
import javax.naming.CompositeName;
import javax.naming.Context;
import javax.naming.InvalidNameException;
import javax.naming.NameNotFoundException;
import javax.naming.NotContextException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is looked up (Jakarta Messaging 3.1, chapter 5). */
@SuppressWarnings("BanJNDI") // the names are the test's, the context is ours
class JndiLookupTest {

    @Test
    void aFactoryForTheProviderUrlIsAlwaysThere() throws Exception {
        Context context = InitialContexts.with(Context.PROVIDER_URL, "millrace://broker:1234?prefetch=7");

        Object factory = context.lookup("ConnectionFactory");

        assertEquals(new MillraceConnectionFactory("millrace://broker:1234?prefetch=7"), factory);
    }

    @Test
    void withoutAProviderUrlItIsForTheDefaultBroker() throws Exception {
        // Given a factory without an InitialContext around it, and no environment at all.
        Context context = new MillraceInitialContextFactory().getInitialContext(null);

        Object factory = context.lookup("ConnectionFactory");

        assertEquals(new MillraceConnectionFactory(), factory);
    }

    @Test
    void aPropertyMayBindTheNameOfTheDefaultFactory() throws Exception {
        Context context = InitialContexts.with(
                Context.PROVIDER_URL, "millrace://one:1", "connectionFactory.ConnectionFactory", "millrace://two:2");

        MillraceConnectionFactory factory = (MillraceConnectionFactory) context.lookup("ConnectionFactory");

        assertEquals("millrace://two:2", factory.getUrl());
    }

    @Test
    void propertiesBindFactories() throws Exception {
        Context context = InitialContexts.with(
                "connectionFactory.one", "millrace://a:1",
                "connectionFactory.zk", "millrace+zk://z:2181/chroot?clientId=c",
                "xaConnectionFactory.xa", "millrace://b:2");

        Object one = context.lookup("one");
        Object zk = context.lookup("zk");
        Object xa = context.lookup("xa");

        assertEquals(new MillraceConnectionFactory("millrace://a:1"), one);
        assertInstanceOf(QueueConnectionFactory.class, one);
        assertInstanceOf(TopicConnectionFactory.class, one);
        assertFalse(one instanceof XAConnectionFactory);
        assertEquals(new MillraceConnectionFactory("millrace+zk://z:2181/chroot?clientId=c"), zk);
        assertEquals(new MillraceXAConnectionFactory("millrace://b:2"), xa);
    }

    @Test
    void propertiesBindDestinations() throws Exception {
        Context context = InitialContexts.with(
                "queue.my.orders",
                        "orders ", // the name may have dots; a space at the end of the line is none of the value's
                "topic.prices", "topic:///prices?from=earliest");

        Object queue = context.lookup("my.orders");
        MillraceTopic topic = (MillraceTopic) context.lookup("prices");

        assertEquals(new MillraceQueue("orders"), queue);
        assertEquals("prices", topic.getTopicName());
        assertEquals("earliest", topic.getFrom());
    }

    @Test
    void dynamicNamesNeedNoProperty() throws Exception {
        Context context = InitialContexts.with();

        Object queue = context.lookup("dynamicQueues/orders");
        Object inContext = ((Context) context.lookup("dynamicQueues")).lookup("orders");
        Object topic = context.lookup("dynamicTopics/prices");
        MillraceTopic fromUri = (MillraceTopic) context.lookup("dynamicTopics/topic:///prices?from=PT2H");

        assertEquals(new MillraceQueue("orders"), queue);
        assertEquals(new MillraceQueue("orders"), inContext);
        assertEquals(new MillraceTopic("prices"), topic);
        assertEquals("PT2H", fromUri.getFrom());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dynamicQueues/", "dynamicQueues/a b", "dynamicQueues/a/b", "dynamicQueues/topic:///t"})
    void aDynamicNameThatNoDestinationCanHaveIsInvalid(String name) throws Exception {
        Context context = InitialContexts.with();

        InvalidNameException invalid = assertThrows(InvalidNameException.class, () -> context.lookup(name));

        assertTrue(invalid.getMessage().contains(name), invalid.getMessage());
        assertTrue(
                invalid.getRootCause() instanceof JMSException
                        || invalid.getRootCause() instanceof IllegalArgumentException,
                "root cause: " + invalid.getRootCause());
    }

    @Test
    void namesWithSlashesAreFoundAsStringsAsCompositeNamesAndByContext() throws Exception {
        Context context =
                InitialContexts.with("queue.jms/shop/orders", "orders", "connectionFactory.jms/cf", "millrace://a:1");

        Object byString = context.lookup("jms/shop/orders");
        Object byName = context.lookup(new CompositeName("jms").add("shop").add("orders"));
        Context jms = (Context) context.lookup("jms");
        Object inContext = jms.lookup("shop/orders");

        assertEquals(new MillraceQueue("orders"), byString);
        assertEquals(byString, byName);
        assertEquals(byString, inContext);
        assertEquals("jms", jms.getNameInNamespace());
        assertEquals("jms/shop", ((Context) jms.lookup("shop")).getNameInNamespace());
        assertEquals(new MillraceConnectionFactory("millrace://a:1"), jms.lookupLink("cf"));
    }

    @Test
    void theEmptyNameIsAContextOfItsOwnWithTheSameNames() throws Exception {
        Context context = InitialContexts.with("queue.orders", "orders");

        Context other = (Context) context.lookup("");
        context.close();

        assertEquals("", other.getNameInNamespace());
        assertEquals(new MillraceQueue("orders"), other.lookup("orders"));
    }

    @Test
    void eachLookupGivesAnObjectThatMayBeConfiguredFurther() throws Exception {
        Context context = InitialContexts.with();
        ((MillraceConnectionFactory) context.lookup("ConnectionFactory")).setClientId("mine");

        MillraceConnectionFactory another = (MillraceConnectionFactory) context.lookup("ConnectionFactory");

        assertNull(another.getClientId());
    }

    @Test
    void anUnknownNameListsTheKnownOnes() throws Exception {
        Context context = InitialContexts.with("queue.jms/orders", "orders", "topic.prices", "prices");

        NameNotFoundException unknown = assertThrows(NameNotFoundException.class, () -> context.lookup("jms/ordrs"));

        String message = unknown.getMessage();
        assertTrue(message.contains("\"jms/ordrs\" is not bound"), message);
        assertTrue(
                message.contains(
                        "ConnectionFactory, dynamicQueues/PHYSICAL, dynamicTopics/PHYSICAL, jms/orders, prices"),
                message);
        assertTrue(message.contains("queue.NAME"), message);
        assertEquals(new CompositeName("jms"), unknown.getResolvedName());
        assertEquals(new CompositeName("ordrs"), unknown.getRemainingName());
    }

    @Test
    void anObjectIsNoContext() throws Exception {
        Context context = InitialContexts.with("queue.orders", "orders");

        NotContextException noContext = assertThrows(NotContextException.class, () -> context.lookup("orders/new"));

        assertTrue(noContext.getMessage().contains("\"orders\" is no context"), noContext.getMessage());
        assertEquals(new CompositeName("new"), noContext.getRemainingName());
        assertThrows(NotContextException.class, () -> context.list("orders"));
    }
}
