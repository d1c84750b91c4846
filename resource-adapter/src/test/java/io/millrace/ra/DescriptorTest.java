// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.jms.MillraceDestination;
import io.millrace.ra.inbound.MillraceActivationSpec;
import io.millrace.ra.outbound.MillraceManagedConnectionFactory;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The adapter's deployment descriptor says what its classes are (Jakarta Connectors 2.1, chapter 20). */
class DescriptorTest {
    private static Document descriptor() throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Path.of("src", "main", "rar", "META-INF", "ra.xml").toFile());
    }

    private static List<Element> children(Element of, String name) {
        List<Element> found = new ArrayList<>();
        NodeList all = of.getElementsByTagName(name);
        for (int i = 0; i < all.getLength(); i++) {
            found.add((Element) all.item(i));
        }
        return found;
    }

    private static String text(Element of, String name) {
        return children(of, name).get(0).getTextContent().strip();
    }

    static Stream<Arguments> beans() throws Exception {
        Element root = descriptor().getDocumentElement();
        List<Arguments> beans = new ArrayList<>();
        for (Element definition : children(root, "connection-definition")) {
            beans.add(Arguments.of(text(definition, "managedconnectionfactory-class"), properties(definition)));
        }
        for (Element object : children(root, "adminobject")) {
            beans.add(Arguments.of(text(object, "adminobject-class"), properties(object)));
        }
        Element adapter = children(root, "resourceadapter").get(0);
        List<String> own = new ArrayList<>();
        for (Element property : children(adapter, "config-property")) {
            if (property.getParentNode() == adapter) {
                own.add(text(property, "config-property-name"));
            }
        }
        beans.add(Arguments.of(text(adapter, "resourceadapter-class"), own));
        return beans.stream();
    }

    private static List<String> properties(Element of) {
        return children(of, "config-property").stream()
                .map(property -> text(property, "config-property-name"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("beans")
    void everyConfigPropertyIsABeanPropertyThatHoldsWhatItIsGiven(String className, List<String> names)
            throws Exception {
        for (String name : names) {
            Object bean = Class.forName(className).getConstructor().newInstance();
            PropertyDescriptor property = Arrays.stream(
                            Introspector.getBeanInfo(bean.getClass()).getPropertyDescriptors())
                    .filter(candidate -> candidate.getName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(className + " has no " + name));
            Object value = property.getPropertyType() == Integer.class ? 7 : "some-value";
            assertNotNull(property.getWriteMethod(), name);

            property.getWriteMethod().invoke(bean, value);

            assertEquals(value, property.getReadMethod().invoke(bean), className + "." + name);
        }
    }

    @ParameterizedTest
    @MethodSource("beans")
    void bothNamesOfAUserAndOfADestinationMeanTheSame(String className, List<String> names) throws Exception {
        Object bean = Class.forName(className).getConstructor().newInstance();
        if (bean instanceof MillraceManagedConnectionFactory factory) {
            assertTrue(names.containsAll(List.of("user", "userName")), names.toString());
            factory.setUser("ann");
            assertEquals("ann", factory.getUserName());
        } else if (bean instanceof MillraceDestination destination) {
            assertEquals(List.of("name", "destinationName"), names);
            destination.setDestinationName("orders");
            assertEquals("orders", destination.getName());
        }
    }

    @Test
    void namesOfTheActivationSpecAreBothTaken() {
        MillraceActivationSpec spec = new MillraceActivationSpec();

        spec.setUser("ann");

        assertEquals("ann", spec.getUserName());
    }

    @Test
    void passwordsAreConfidentialAndAreNotShown() throws Exception {
        for (Element property : children(descriptor().getDocumentElement(), "config-property")) {
            boolean confidential =
                    !children(property, "config-property-confidential").isEmpty();
            assertEquals(text(property, "config-property-name").equals("password"), confidential);
        }
        MillraceActivationSpec spec = new MillraceActivationSpec();
        spec.setPassword("s3cret");
        MillraceManagedConnectionFactory factory = new MillraceManagedConnectionFactory();
        factory.setPassword("s3cret");
        MillraceResourceAdapter adapter = new MillraceResourceAdapter();
        adapter.setPassword("s3cret");
        for (Object bean : List.of(spec, factory, adapter, adapter.settings())) {
            assertFalse(bean.toString().contains("s3cret"), bean.getClass().getName());
        }
    }

    @Test
    void threeKindsOfFactoriesAndTwoOfDestinationsAreOfferedWithXaAndReauthentication() throws Exception {
        Element root = descriptor().getDocumentElement();

        Set<String> factories = new TreeSet<>();
        children(root, "connectionfactory-interface").forEach(e -> factories.add(e.getTextContent()));
        Set<String> objects = new TreeSet<>();
        children(root, "adminobject-interface").forEach(e -> objects.add(e.getTextContent()));

        assertEquals(
                Set.of(
                        "jakarta.jms.ConnectionFactory",
                        "jakarta.jms.QueueConnectionFactory",
                        "jakarta.jms.TopicConnectionFactory"),
                factories);
        assertEquals(Set.of("jakarta.jms.Queue", "jakarta.jms.Topic"), objects);
        assertEquals("XATransaction", text(root, "transaction-support"));
        assertEquals("true", text(root, "reauthentication-support"));
        assertEquals("2.1", root.getAttribute("version"));
    }
}
