// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.InvalidPropertyException;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The activation properties that a bean's {@code @MessageDriven} annotation names, read from the class that the server
 * tells (Jakarta Connectors 2.1, {@code MessageEndpointFactory.getEndpointClass}).
 *
 * <p>Why: a server sets an ActivationSpec's bean properties one by one and has no way to hand over one that the spec does
 * not have; Payara and GlassFish log it and go on without. A misspelt {@code maxSessions} would be ignored in silence.
 * What stands in a deployment descriptor alone is not seen here. Read without the annotation's class, which an adapter
 * need not see, or may see through another class loader than the bean.
 */
final class BeanAnnotation {
    private static final String MESSAGE_DRIVEN = "jakarta.ejb.MessageDriven";

    /** What a server takes for itself: Payara's choice of the adapter. */
    private static final Set<String> OF_SERVERS = Set.of("resourceAdapter");

    private BeanAnnotation() {}

    /** @throws InvalidPropertyException when the annotation names a property that there is not */
    static void check(@Nullable Class<?> bean) throws ResourceException {
        List<String> unknown = new ArrayList<>();
        for (String name : names(bean)) {
            String property = decapitalized(name);
            if (!ActivationProperty.keys().contains(property) && !OF_SERVERS.contains(property)) {
                String nearest = NearestName.of(name, ActivationProperty.keys());
                unknown.add("'" + name + "'" + (nearest == null ? "" : " (did you mean '" + nearest + "'?)"));
            }
        }
        if (!unknown.isEmpty()) {
            throw new InvalidPropertyException("Unknown activation properties of " + bean + ": "
                    + String.join(", ", unknown) + "; known are " + new TreeSet<>(ActivationProperty.keys()));
        }
    }

    /** Servers find the setter of {@code DestinationType} as well. */
    private static String decapitalized(String name) {
        return name.isEmpty() ? name : name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    }

    private static List<String> names(@Nullable Class<?> bean) throws ResourceException {
        List<String> names = new ArrayList<>();
        if (bean == null) {
            return names; // a server before Connectors 1.7 does not tell
        }
        for (Annotation annotation : bean.getAnnotations()) {
            if (annotation.annotationType().getName().equals(MESSAGE_DRIVEN)) {
                for (Object property : (Object[]) member(annotation, "activationConfig")) {
                    names.add((String) member((Annotation) property, "propertyName"));
                }
            }
        }
        return names;
    }

    private static Object member(Annotation annotation, String name) throws ResourceException {
        try {
            return annotation.annotationType().getMethod(name).invoke(annotation);
        } catch (ReflectiveOperationException e) {
            throw new ResourceException("The activation properties of " + annotation + " cannot be read: " + e, e);
        }
    }
}
