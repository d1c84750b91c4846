// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import java.io.ObjectInputFilter;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the bodies of received ObjectMessages may be made of, and how large they may become (docs/decisions/0017). A class
 * must be on the allow list and not on the deny list, which wins; a dynamic proxy counts as {@code java.lang.reflect.Proxy}.
 * The JVM's own filter ({@code jdk.serialFilter}) is asked as well. Immutable, safe for any thread.
 */
public final class DeserializationPolicy {
    /** The names of the connection options. */
    public static final String ALLOW = "deserializationAllow";

    public static final String DENY = "deserializationDeny";
    public static final String MAX_DEPTH = "deserializationMaxDepth";
    public static final String MAX_REFERENCES = "deserializationMaxReferences";
    public static final String MAX_ARRAY_LENGTH = "deserializationMaxArrayLength";
    public static final String MAX_BYTES = "deserializationMaxBytes";

    /** A deny list that lists nothing: an empty text may as well be a property that was never filled in. */
    static final String NONE = "none";

    /** What every client knows, and what it does when it is deserialized. */
    private static final AllowedClasses JDK_VALUES =
            AllowedClasses.parse("java.lang.*,java.math.*,java.time.*,java.util.*");

    /**
     * Classes that published attacks are made of and messages have no use for: they call methods, load classes, open
     * files or connections as they are deserialized or compared. No such list is ever complete.
     */
    static final String KNOWN_GADGETS = String.join(
            ",",
            "bsh.**",
            "clojure.*",
            "clojure.inspector.**",
            "com.fasterxml.jackson.databind.node.POJONode",
            "com.mchange.**",
            "com.rometools.rome.feed.impl.**",
            "com.sun.jmx.**",
            "com.sun.jndi.**",
            "com.sun.org.apache.**",
            "com.sun.rowset.**",
            "com.sun.syndication.feed.impl.**",
            "com.vaadin.data.util.**",
            "com.zaxxer.hikari.**",
            "groovy.util.Expando",
            "java.beans.EventHandler",
            "java.lang.invoke.**",
            "java.lang.reflect.**",
            "java.rmi.activation.**",
            "java.rmi.server.**",
            "java.security.SignedObject",
            "javassist.**",
            "javax.imageio.**",
            "javax.management.**",
            "javax.naming.Reference",
            "javax.naming.ldap.**",
            "javax.naming.spi.**",
            "javax.script.**",
            "javax.swing.JEditorPane",
            "javax.swing.event.EventListenerList",
            "jdk.internal.**",
            "org.apache.bcel.**",
            "org.apache.click.control.**",
            "org.apache.commons.beanutils.BeanComparator",
            "org.apache.commons.collections.functors.**",
            "org.apache.commons.collections.keyvalue.TiedMapEntry",
            "org.apache.commons.collections4.comparators.TransformingComparator",
            "org.apache.commons.collections4.functors.**",
            "org.apache.commons.collections4.keyvalue.TiedMapEntry",
            "org.apache.commons.dbcp.**",
            "org.apache.commons.dbcp2.**",
            "org.apache.commons.fileupload.**",
            "org.apache.myfaces.el.**",
            "org.apache.myfaces.view.**",
            "org.apache.tomcat.dbcp.**",
            "org.apache.wicket.util.upload.**",
            "org.apache.xalan.**",
            "org.aspectj.weaver.**",
            "org.codehaus.groovy.runtime.ConvertedClosure",
            "org.codehaus.groovy.runtime.MethodClosure",
            "org.hibernate.engine.spi.**",
            "org.hibernate.property.**",
            "org.hibernate.tuple.**",
            "org.hibernate.type.**",
            "org.jboss.interceptor.**",
            "org.jboss.weld.interceptor.**",
            "org.mozilla.javascript.**",
            "org.python.core.**",
            "org.springframework.aop.**",
            "org.springframework.beans.factory.**",
            "org.springframework.core.SerializableTypeWrapper$MethodInvokeTypeProvider",
            "org.springframework.jndi.**",
            "org.springframework.transaction.jta.**",
            "sun.**");

    private static final Logger log = LoggerFactory.getLogger(DeserializationPolicy.class);
    private static final AtomicBoolean WARNED = new AtomicBoolean();

    /**
     * A hash table in a hash table multiplies the work with each level: 30 levels keep a core busy for minutes. This
     * stops the known attack; whom one allows collections from one must still trust not to burn one's processor time.
     */
    private static final int MAX_HASH_TABLE_DEPTH = 20;

    private final AllowedClasses allowed;
    private final AllowedClasses denied;
    private final boolean unrestricted;
    private final Limits limits;

    /**
     * How large the objects of one body may become.
     *
     * @param depth how deep objects may be in objects; very deep ones overflow the stack
     * @param references the most objects, those that are named again included
     * @param arrayLength the most elements of one array; an array must also fit the bytes of the body
     * @param bytes the most bytes of a body that is deserialized
     */
    public record Limits(long depth, long references, long arrayLength, long bytes) {}

    private DeserializationPolicy(AllowedClasses allowed, AllowedClasses denied, boolean unrestricted, Limits limits) {
        this.allowed = allowed;
        this.denied = denied;
        this.unrestricted = unrestricted;
        this.limits = limits;
    }

    /**
     * Reads the options.
     *
     * @param allow what may be deserialized; {@code null} for every class that the application's class loader knows, with
     *     one warning when that is used for more than the JDK's values
     * @param deny what may not, whatever the first says; {@code null} for the classes of known attacks, {@value #NONE} for
     *     none
     * @throws IllegalArgumentException naming the option and the entry that is no pattern
     */
    public static DeserializationPolicy of(@Nullable String allow, @Nullable String deny, Limits limits) {
        return new DeserializationPolicy(
                patterns(ALLOW, allow == null ? "*" : allow),
                patterns(DENY, deny == null ? KNOWN_GADGETS : deny.equals(NONE) ? "" : deny),
                allow == null,
                limits);
    }

    private static AllowedClasses patterns(String option, String list) {
        try {
            return AllowedClasses.parse(list);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
        }
    }

    /** A filter for one body. */
    Guard forBody(int bodyBytes) {
        return new Guard(bodyBytes);
    }

    /** Refuses by class and size, and remembers why. For one stream. */
    final class Guard implements ObjectInputFilter {
        private final int bodyBytes;
        private @Nullable String refusal;

        private Guard(int bodyBytes) {
            this.bodyBytes = bodyBytes;
        }

        /** Why it refused; {@code null} when it did not. */
        @Nullable
        String refusal() {
            return refusal;
        }

        @Override
        public Status checkInput(FilterInfo info) {
            ObjectInputFilter ofTheJvm = ObjectInputFilter.Config.getSerialFilter();
            if (ofTheJvm != null && ofTheJvm.checkInput(info) == Status.REJECTED) {
                return refuse("The JVM's filter (jdk.serialFilter) refuses the body of this ObjectMessage.");
            } else if (bodyBytes > limits.bytes) {
                return tooMuch("has " + bodyBytes + " bytes", MAX_BYTES, limits.bytes);
            } else if (info.depth() > limits.depth) {
                return tooMuch("is nested deeper", MAX_DEPTH, limits.depth);
            } else if (info.references() > limits.references) {
                return tooMuch("holds more objects", MAX_REFERENCES, limits.references);
            } else if (info.arrayLength() > limits.arrayLength) {
                return tooMuch(
                        "has an array of " + info.arrayLength() + " elements", MAX_ARRAY_LENGTH, limits.arrayLength);
            } else if (info.arrayLength() > 4L * bodyBytes + 64) {
                return refuse("The body of this ObjectMessage claims an array of " + info.arrayLength()
                        + " elements but has only " + bodyBytes + " bytes.");
            }
            Class<?> type = info.serialClass();
            while (type != null && type.isArray()) {
                type = type.getComponentType();
            }
            if (type == null || type.isPrimitive()) {
                return type == null ? Status.UNDECIDED : Status.ALLOWED;
            } else if (info.depth() > MAX_HASH_TABLE_DEPTH && type == Map.Entry.class) {
                // Hash tables announce their entries; their own class is told once per stream only.
                return refuse("The body of this ObjectMessage has hash tables nested deeper than "
                        + MAX_HASH_TABLE_DEPTH + ".");
            }
            return byName(Proxy.isProxyClass(type) ? Proxy.class.getName() : type.getName());
        }

        private Status byName(String name) {
            if (denied.allows(name)) {
                return refuse("The body of this ObjectMessage holds a " + name + ", which the connection option " + DENY
                        + " lists" + (denied.toString().equals(KNOWN_GADGETS) ? " by default" : "")
                        + ": known attacks are made of such classes.");
            } else if (!allowed.allows(name)) {
                return refuse("The body of this ObjectMessage holds a " + name + ", which the connection option "
                        + ALLOW + " (\"" + allowed + "\") does not list. If you trust its senders, add it: " + ALLOW
                        + "=" + (allowed.toString().isEmpty() ? "" : allowed + ",") + name);
            } else if (unrestricted && !JDK_VALUES.allows(name) && WARNED.compareAndSet(false, true)) {
                log.warn(
                        "An ObjectMessage is deserialized to a {}: its sender chooses which of this application's classes"
                                + " are used. List those that you expect in the connection option {} (said once).",
                        name,
                        ALLOW);
            }
            return Status.ALLOWED;
        }

        private Status tooMuch(String what, String option, long limit) {
            return refuse("The body of this ObjectMessage " + what + "; the connection option " + option + " allows "
                    + limit + ".");
        }

        private Status refuse(String why) {
            if (refusal == null) {
                refusal = why;
            }
            return Status.REJECTED;
        }
    }
}
