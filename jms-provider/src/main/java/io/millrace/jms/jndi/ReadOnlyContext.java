// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import io.millrace.jms.jndi.Node.Administered;
import io.millrace.jms.jndi.Node.Directory;
import io.millrace.jms.jndi.Node.Dynamic;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.naming.Binding;
import javax.naming.CompositeName;
import javax.naming.InvalidNameException;
import javax.naming.Name;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NameParser;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.NotContextException;

/** The names that properties bind, as {@link MillraceInitialContextFactory} describes them. Immutable. */
final class ReadOnlyContext extends UnmodifiableContext {
    private static final NameParser PARSER = CompositeName::new;

    /** From the initial context to this one. */
    private final Name path;
    /** A directory, or the names of a kind. */
    private final Node here;

    private final Hashtable<?, ?> environment;

    ReadOnlyContext(Directory root, Hashtable<?, ?> environment) {
        this(new CompositeName(), root, environment);
    }

    private ReadOnlyContext(Name path, Node here, Hashtable<?, ?> environment) {
        this.path = path;
        this.here = here;
        this.environment = environment;
    }

    @Override
    public Object lookup(Name name) throws NamingException {
        return find(name);
    }

    @Override
    public Object lookup(String name) throws NamingException {
        return find(PARSER.parse(name));
    }

    /** As {@link #lookup(Name)}: nothing here is a link. */
    @Override
    public Object lookupLink(Name name) throws NamingException {
        return find(name);
    }

    @Override
    public Object lookupLink(String name) throws NamingException {
        return find(PARSER.parse(name));
    }

    /** What a name is bound to. It is made here, of a property that was checked; nothing is fetched or deserialized. */
    private Object find(Name name) throws NamingException {
        return object(name, resolve(name));
    }

    private Object object(Name name, Node node) throws InvalidNameException {
        if (node instanceof Administered object) {
            return object.kind().make(object.value());
        }
        Name there = (Name) path.clone();
        for (int i = 0; i < name.size(); i++) {
            there.add(name.get(i));
        }
        return new ReadOnlyContext(there, node, environment);
    }

    /** Follows a name, component by component. */
    private Node resolve(Name name) throws NamingException {
        Node node = here;
        for (int i = 0; i < name.size(); i++) {
            if (node instanceof Dynamic dynamic) {
                return destination(dynamic.kind(), name, i);
            } else if (node instanceof Directory directory) {
                Node child = directory.children().get(name.get(i));
                if (child == null) {
                    throw Names.unresolved(new NameNotFoundException(notFound(name)), name, i);
                }
                node = child;
            } else {
                throw Names.unresolved(noContext(name.getPrefix(i), node), name, i);
            }
        }
        return node;
    }

    private static Node destination(Kind kind, Name name, int from) throws InvalidNameException {
        String physical = Names.plain(name, from);
        try {
            kind.check(physical);
        } catch (JMSException | IllegalArgumentException e) {
            InvalidNameException invalid =
                    new InvalidNameException("Cannot look \"" + name + "\" up: " + e.getMessage());
            invalid.setRootCause(e);
            throw Names.unresolved(invalid, name, from);
        }
        return new Administered("", kind, physical);
    }

    private String notFound(Name name) {
        return "The name \"" + name + "\" is not bound; bound are "
                + here.names("").collect(Collectors.joining(", "))
                + ". Names are bound by the properties connectionFactory.NAME, xaConnectionFactory.NAME, queue.NAME and"
                + " topic.NAME";
    }

    private static NotContextException noContext(Name name, Node node) {
        return new NotContextException("\"" + name + "\" is no context, but " + node.className());
    }

    private SortedMap<String, Node> children(Name name) throws NamingException {
        Node node = resolve(name);
        if (node instanceof Administered) {
            throw Names.unresolved(noContext(name, node), name, name.size());
        }
        return node instanceof Directory directory ? directory.children() : new TreeMap<>();
    }

    @Override
    public NamingEnumeration<NameClassPair> list(Name name) throws NamingException {
        List<NameClassPair> pairs = new ArrayList<>();
        children(name)
                .forEach((component, node) -> pairs.add(new NameClassPair(Names.escaped(component), node.className())));
        return new Listing<>(pairs.iterator());
    }

    @Override
    public NamingEnumeration<NameClassPair> list(String name) throws NamingException {
        return list(PARSER.parse(name));
    }

    @Override
    public NamingEnumeration<Binding> listBindings(Name name) throws NamingException {
        List<Binding> bindings = new ArrayList<>();
        for (Map.Entry<String, Node> child : children(name).entrySet()) {
            Name full = ((Name) name.clone()).add(child.getKey());
            Node node = child.getValue();
            bindings.add(new Binding(Names.escaped(child.getKey()), node.className(), object(full, node)));
        }
        return new Listing<>(bindings.iterator());
    }

    @Override
    public NamingEnumeration<Binding> listBindings(String name) throws NamingException {
        return listBindings(PARSER.parse(name));
    }

    @Override
    public NameParser getNameParser(Name name) throws NamingException {
        children(name);
        return PARSER;
    }

    @Override
    public NameParser getNameParser(String name) throws NamingException {
        return getNameParser(PARSER.parse(name));
    }

    @Override
    public Name composeName(Name name, Name prefix) throws NamingException {
        return ((Name) prefix.clone()).addAll(name);
    }

    @Override
    public String composeName(String name, String prefix) throws NamingException {
        return composeName(PARSER.parse(name), PARSER.parse(prefix)).toString();
    }

    @Override
    public Hashtable<?, ?> getEnvironment() {
        return (Hashtable<?, ?>) environment.clone();
    }

    @Override
    public String getNameInNamespace() {
        return path.toString();
    }

    /** Nothing to close; what was looked up stays usable. */
    @Override
    public void close() {}
}
