// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationPropertyTest {
    private static final String REGENERATE = "millrace.docs.write";

    /** Surefire runs in the module's directory. */
    private static final Path PAGE = Path.of("..", "docs", "activation-properties.md");

    private static Map<String, PropertyDescriptor> beanProperties() throws Exception {
        return Arrays.stream(Introspector.getBeanInfo(MillraceActivationSpec.class, Object.class)
                        .getPropertyDescriptors())
                .filter(property -> !property.getName().equals("resourceAdapter"))
                .collect(Collectors.toMap(PropertyDescriptor::getName, property -> property));
    }

    @Test
    void theDocumentedTableIsTheOneOfTheCode() throws IOException {
        String expected = ActivationProperty.markdown();
        if (Boolean.getBoolean(REGENERATE)) {
            Files.writeString(PAGE, expected);
        }

        assertEquals(
                expected,
                Files.exists(PAGE) ? Files.readString(PAGE) : "",
                "docs/activation-properties.md is stale; make it again with: mvn -pl resource-adapter -am test"
                        + " -Dtest=ActivationPropertyTest -Dsurefire.failIfNoSpecifiedTests=false -D" + REGENERATE
                        + "=true");
    }

    @Test
    void everyDeclaredPropertyIsOneOfTheSpecWithItsType() throws Exception {
        Map<ActivationProperty.Type, Class<?>> types = Map.of(
                ActivationProperty.Type.TEXT,
                String.class,
                ActivationProperty.Type.FLAG,
                boolean.class,
                ActivationProperty.Type.INT,
                int.class,
                ActivationProperty.Type.LONG,
                long.class,
                ActivationProperty.Type.DOUBLE,
                double.class);
        Map<String, Class<?>> declared = new TreeMap<>();
        Stream.of(ActivationProperty.values())
                .forEach(property -> declared.put(property.key(), types.get(property.type())));
        Map<String, Class<?>> ofSpec = new TreeMap<>();
        beanProperties().forEach((name, property) -> ofSpec.put(name, property.getPropertyType()));

        assertEquals(declared, ofSpec);
    }

    @ParameterizedTest
    @EnumSource(ActivationProperty.class)
    void everyPropertyCountsForEquality(ActivationProperty property) throws Exception {
        MillraceActivationSpec one = new MillraceActivationSpec();
        Object value = switch (property.type()) {
            case TEXT -> "x";
            case FLAG -> true;
            case INT -> 7;
            case LONG -> 7L;
            case DOUBLE -> 7.0;
        };
        PropertyDescriptor bean = beanProperties().get(property.key());

        bean.getWriteMethod().invoke(one, value);

        assertEquals(value, bean.getReadMethod().invoke(one));
        assertTrue(!one.equals(new MillraceActivationSpec()), property.key());
        assertTrue(!one.toString().contains("password"), one.toString());
    }

    /** Jakarta Connectors 2.1, section 9.7: the server may validate instead; both must say the same. */
    @Test
    void constraintsAreTheRangesThatValidateHolds() throws Exception {
        for (PropertyDescriptor property : beanProperties().values()) {
            Min min = property.getReadMethod().getAnnotation(Min.class);
            Max max = property.getReadMethod().getAnnotation(Max.class);
            boolean isLong = property.getPropertyType() == long.class;
            if (min != null && max != null) {
                BiConsumer<Long, Boolean> check = (value, right) -> {
                    MillraceActivationSpec spec = new MillraceActivationSpec();
                    spec.setDestinationLookup("x");
                    spec.setMaxSession(1_000);
                    assertEquals(
                            right,
                            isTaken(spec, property, isLong ? value : (Object) value.intValue()),
                            property.getName() + "=" + value);
                };
                check.accept(min.value(), true);
                check.accept(min.value() - 1, false);
                check.accept(max.value(), true);
                check.accept(max.value() + 1, false);
            }
        }
    }

    @Test
    void patternsAllowWhatValidateAllows() throws Exception {
        Map<String, String> samples = Map.of(
                "destinationType", "jakarta.jms.Queue",
                "acknowledgeMode", "Dups-ok-acknowledge",
                "subscriptionDurability", "NonDurable");
        for (Map.Entry<String, String> sample : samples.entrySet()) {
            PropertyDescriptor property = beanProperties().get(sample.getKey());
            String pattern =
                    property.getReadMethod().getAnnotation(Pattern.class).regexp();
            MillraceActivationSpec spec = new MillraceActivationSpec();
            spec.setDestinationLookup("x");

            assertTrue(sample.getValue().matches(pattern) && isTaken(spec, property, sample.getValue()), pattern);
            assertTrue("".matches(pattern) && isTaken(spec, property, ""), pattern);
            assertTrue(!"x".matches(pattern) && !isTaken(spec, property, "x"), pattern);
        }
    }

    private static boolean isTaken(MillraceActivationSpec spec, PropertyDescriptor property, Object value) {
        try {
            property.getWriteMethod().invoke(spec, value);
            spec.validate();
            return true;
        } catch (jakarta.resource.spi.InvalidPropertyException e) {
            return false;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
