// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The properties of one message (Jakarta Messaging 3.1, section 3.5). Belongs to the thread that has the message. */
final class MessageProperties {
    /** Set by the provider when a message is received. */
    static final String DELIVERY_COUNT = "JMSXDeliveryCount";

    static final String GROUP_ID = "JMSXGroupID";
    static final String GROUP_SEQUENCE = "JMSXGroupSeq";

    private static final Set<String> SELECTOR_WORDS =
            Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
    private boolean readOnly;

    void makeReadOnly() {
        readOnly = true;
    }

    /** Empties the properties, which may be written again. */
    void clear() {
        values.clear();
        readOnly = false;
    }

    Map<String, @Nullable Object> view() {
        return Collections.unmodifiableMap(values);
    }

    @Nullable
    Object get(String name) {
        return values.get(name);
    }

    /** Whether it was set, perhaps to null: as the names tell. */
    boolean has(String name) {
        return values.containsKey(name);
    }

    /** Sets what came with the record, without asking whether the name would be legal here. */
    void restore(String name, @Nullable Object value) {
        values.put(name, value);
    }

    void set(String name, @Nullable Object value) throws JMSException {
        checkName(name);
        if (readOnly) {
            throw new MessageNotWriteableException(
                    "The properties of a received message are read-only; call clearProperties() first.");
        }
        if (!(value == null
                || value instanceof Boolean
                || value instanceof Byte
                || value instanceof Short
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Float
                || value instanceof Double
                || value instanceof String)) {
            throw new MessageFormatException("The property \"" + name + "\" cannot hold a value of type "
                    + value.getClass().getName() + ".");
        }
        checkDefined(name, value);
        values.put(name, value);
    }

    /** The types of the properties that clients set and the specification defines (section 3.5.9, table 3-3). */
    private static void checkDefined(String name, @Nullable Object value) throws MessageFormatException {
        if (value == null) {
            return;
        }
        boolean text = name.equals(GROUP_ID) && !(value instanceof String);
        boolean number = name.equals(GROUP_SEQUENCE) && !(value instanceof Integer);
        if (text || number) {
            throw new MessageFormatException("The property " + name + " is " + (text ? "a String" : "an int")
                    + " (Jakarta Messaging 3.1, section 3.5.9), not a "
                    + value.getClass().getSimpleName() + ".");
        }
    }

    private static void checkName(String name) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("A property must have a name.");
        }
        boolean identifier = Character.isJavaIdentifierStart(name.codePointAt(0))
                && name.codePoints().allMatch(Character::isJavaIdentifierPart);
        if (!identifier || SELECTOR_WORDS.contains(name.toUpperCase(Locale.ROOT))) {
            throw new JMSException(
                    "\"" + name + "\" is not a legal property name: it must be an identifier of a message"
                            + " selector (Jakarta Messaging 3.1, section 3.5.1).");
        }
        if (name.startsWith("JMS") && !name.startsWith("JMSX") && !name.startsWith("JMS_")) {
            throw new JMSException("\"" + name + "\" is not a legal property name: names that begin with JMS are header"
                    + " fields, but for JMSX and JMS_ (Jakarta Messaging 3.1, section 3.8.1.1).");
        }
    }
}
