// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.jms.MillraceQueue;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import java.util.Properties;
import javax.naming.Binding;
import javax.naming.CompositeName;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.OperationNotSupportedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The context by the rules of {@code javax.naming.Context}. */
@SuppressWarnings("BanJNDI") // the names are the test's, the context is ours
class JndiContextTest {

    @Test
    void listsNamesAndClassesOfOneContext() throws Exception {
        Context context = InitialContexts.with("queue.jms/orders", "orders", "queue.jms/\"a/b\"", "ab");

        List<String> root = Collections.list(context.list("")).stream()
                .map(NameClassPair::toString)
                .toList();
        List<String> jms = Collections.list(context.list(new CompositeName("jms"))).stream()
                .map(NameClassPair::toString)
                .toList();

        assertEquals(
                List.of(
                        "ConnectionFactory: io.millrace.jms.MillraceConnectionFactory",
                        "dynamicQueues: javax.naming.Context",
                        "dynamicTopics: javax.naming.Context",
                        "jms: javax.naming.Context"),
                root);
        assertEquals(2, jms.size());
        assertTrue(jms.contains("orders: io.millrace.jms.MillraceQueue"), jms.toString());
    }

    @Test
    void everyListedNameCanBeLookedUp() throws Exception {
        Context jms = (Context) InitialContexts.with("queue.jms/orders", "orders", "queue.jms/\"a/b\"", "ab")
                .lookup("jms");

        List<Binding> bindings = Collections.list(jms.listBindings(""));

        assertEquals(2, bindings.size());
        for (Binding binding : bindings) {
            assertInstanceOf(MillraceQueue.class, binding.getObject());
            assertEquals(binding.getObject(), jms.lookup(binding.getName()));
        }
    }

    @Test
    void subcontextsAreListedAsContextsThatKnowWhereTheyAre() throws Exception {
        Context context = InitialContexts.with("queue.jms/shop/orders", "orders");

        List<Binding> bindings = Collections.list(context.listBindings("jms"));

        Context shop = (Context) bindings.get(0).getObject();
        assertEquals("jms/shop", shop.getNameInNamespace());
        assertEquals(new MillraceQueue("orders"), shop.lookup("orders"));
    }

    @Test
    void dynamicNamesAreNotListed() throws Exception {
        Context context = InitialContexts.with();

        boolean some = context.list("dynamicQueues").hasMore();

        assertFalse(some);
    }

    @Test
    void listingWhatIsNotBoundFails() throws Exception {
        Context context = InitialContexts.with();

        assertThrows(NameNotFoundException.class, () -> context.list("jms"));
        assertThrows(NameNotFoundException.class, () -> context.listBindings(new CompositeName("jms")));
    }

    @Test
    void whateverWouldChangeItIsNotSupported() throws Exception {
        Context context = InitialContexts.with("queue.orders", "orders");
        Name name = new CompositeName("new");
        Object object = new MillraceQueue("new");
        List<Executable> changes = List.of(
                () -> context.bind("new", object),
                () -> context.bind(name, object),
                () -> context.rebind("orders", object),
                () -> context.rebind(name, object),
                () -> context.unbind("orders"),
                () -> context.unbind(name),
                () -> context.rename("orders", "new"),
                () -> context.rename(new CompositeName("orders"), name),
                () -> context.createSubcontext("new"),
                () -> context.createSubcontext(name),
                () -> context.destroySubcontext("new"),
                () -> context.destroySubcontext(name),
                () -> context.addToEnvironment("queue.new", "new"),
                () -> context.removeFromEnvironment("queue.orders"));

        for (Executable change : changes) {
            OperationNotSupportedException refused = assertThrows(OperationNotSupportedException.class, change);
            assertTrue(refused.getMessage().contains("is not supported"), refused.getMessage());
            assertTrue(refused.getMessage().contains("jndi.properties"), refused.getMessage());
        }
        assertEquals(new MillraceQueue("orders"), context.lookup("orders"));
    }

    @Test
    void composesAndParsesNames() throws Exception {
        // Given the context itself: an InitialContext composes nothing.
        Context context = new MillraceInitialContextFactory()
                .getInitialContext(InitialContexts.properties("queue.jms/orders", "orders"));

        String text = context.composeName("orders", "jms");
        Name name = context.composeName(new CompositeName("orders"), new CompositeName("jms"));

        assertEquals("jms/orders", text);
        assertEquals(new CompositeName("jms/orders"), name);
        assertEquals(new CompositeName("a/b"), context.getNameParser("jms").parse("a/b"));
        assertThrows(NameNotFoundException.class, () -> context.getNameParser("nowhere"));
    }

    @Test
    void theEnvironmentIsACopyBothWays() throws Exception {
        Properties properties = InitialContexts.properties("queue.orders", "orders");
        Context context = new MillraceInitialContextFactory().getInitialContext(properties);

        properties.clear();
        context.getEnvironment().clear();

        Hashtable<?, ?> environment = context.getEnvironment();
        assertEquals("orders", environment.get("queue.orders"));
    }
}
