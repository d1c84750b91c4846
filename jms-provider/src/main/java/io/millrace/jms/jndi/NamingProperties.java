// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.jndi.Node.Administered;
import io.millrace.jms.jndi.Node.Directory;
import io.millrace.jms.jndi.Node.Dynamic;
import jakarta.jms.JMSException;
import java.util.Hashtable;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.CompositeName;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.InvalidNameException;
import javax.naming.Name;
import org.jspecify.annotations.Nullable;

/** Reads the properties that {@link MillraceInitialContextFactory} describes. */
final class NamingProperties {
    static final String DEFAULT_FACTORY = "ConnectionFactory";
    static final String DYNAMIC_QUEUES = "dynamicQueues";
    static final String DYNAMIC_TOPICS = "dynamicTopics";

    private final Directory root = new Directory();

    private NamingProperties() {
        root.children().put(DYNAMIC_QUEUES, new Dynamic(Kind.QUEUE));
        root.children().put(DYNAMIC_TOPICS, new Dynamic(Kind.TOPIC));
    }

    /** The names that an environment binds. */
    static Directory read(Hashtable<?, ?> environment) throws ConfigurationException {
        NamingProperties properties = new NamingProperties();
        // In order, so that of two properties that contradict each other the same is told each time.
        Map<String, Object> sorted = new TreeMap<>();
        environment.forEach((key, value) -> {
            if (key instanceof String property) {
                sorted.put(property, value);
            }
        });
        for (Map.Entry<String, Object> entry : sorted.entrySet()) {
            for (Kind kind : Kind.values()) {
                if (entry.getKey().startsWith(kind.prefix())) {
                    Administered object = object(entry.getKey(), kind, entry.getValue());
                    properties.bind(name(entry.getKey(), kind), object);
                }
            }
        }
        Object url = sorted.getOrDefault(Context.PROVIDER_URL, MillraceConnectionFactory.DEFAULT_URL);
        Administered factory = object(Context.PROVIDER_URL, Kind.CONNECTION_FACTORY, url);
        properties.root.children().putIfAbsent(DEFAULT_FACTORY, factory);
        return properties.root;
    }

    private static Administered object(String property, Kind kind, Object value) throws ConfigurationException {
        if (!(value instanceof String text)) {
            throw unusable(
                    property,
                    "its value is of " + value.getClass().getName() + "; it must be a java.lang.String",
                    null);
        }
        // Properties files keep spaces at the end of a line, where nobody sees them.
        String stripped = text.strip();
        try {
            kind.check(stripped);
        } catch (JMSException | IllegalArgumentException e) {
            throw unusable(property, e.getMessage(), e);
        }
        return new Administered(property, kind, stripped);
    }

    private static Name name(String property, Kind kind) throws ConfigurationException {
        Name name;
        try {
            name = new CompositeName(property.substring(kind.prefix().length()));
        } catch (InvalidNameException e) {
            throw unusable(property, "the name that it binds is not a composite name: " + e.getMessage(), e);
        }
        for (int i = 0; i < name.size(); i++) {
            if (name.get(i).isEmpty()) {
                throw unusable(property, "a part of the name that it binds is empty; write it as a or a/b", null);
            }
        }
        if (name.isEmpty()) {
            throw unusable(property, "the name that it binds is empty; write " + kind.prefix() + "NAME", null);
        }
        return name;
    }

    private void bind(Name name, Administered object) throws ConfigurationException {
        Directory directory = root;
        int last = name.size() - 1;
        for (int i = 0; i < last; i++) {
            Node next = directory.children().computeIfAbsent(name.get(i), component -> new Directory());
            if (!(next instanceof Directory below)) {
                throw taken(object, name.getPrefix(i + 1), next);
            }
            directory = below;
        }
        Node before = directory.children().putIfAbsent(name.get(last), object);
        if (before != null) {
            throw taken(object, name, before);
        }
    }

    private static ConfigurationException taken(Administered object, Name name, Node by) {
        String how;
        if (by instanceof Administered other) {
            how = "is bound by the property " + other.property();
        } else if (by instanceof Directory context) {
            how = "is a context, since the property " + context.someProperty() + " binds a name in it";
        } else {
            how = "is the context of names that need no property";
        }
        return unusable(object.property(), "\"" + name + "\" " + how + "; choose another name", null);
    }

    private static ConfigurationException unusable(
            String property, @Nullable String problem, @Nullable Exception cause) {
        ConfigurationException unusable =
                new ConfigurationException("The property " + property + " cannot be used: " + problem);
        if (cause != null) {
            unusable.setRootCause(cause);
        }
        return unusable;
    }
}
