// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import jakarta.jms.MessageFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Java serialization for the bodies of ObjectMessages; reading is guarded by {@link AllowedClasses}. */
final class SerializedObject {
    /** Deeper graphs could overflow the stack. */
    private static final int MAX_DEPTH = 500;

    /**
     * A hash table in a hash table multiplies the work with each level: 30 levels keep a core busy for minutes. This
     * stops the known attack; whom one allows collections from one must still trust not to burn one's processor time.
     */
    private static final int MAX_HASH_TABLE_DEPTH = 20;

    private SerializedObject() {}

    static byte[] write(Serializable object) throws MessageFormatException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        } catch (IOException | RuntimeException e) {
            throw failed("The object, a " + object.getClass().getName() + ", cannot be serialized: " + e, e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads an object.
     *
     * @param allowed what it may be made of; {@code null} when it was written in here
     */
    static @Nullable Serializable read(byte[] bytes, @Nullable AllowedClasses allowed) throws MessageFormatException {
        Guard guard = allowed == null ? null : new Guard(allowed, bytes.length);
        try (Input in = new Input(bytes)) {
            if (guard != null) {
                in.setObjectInputFilter(guard);
            }
            return (Serializable) in.readObject();
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            String refusal = guard == null ? null : guard.refusal;
            throw failed(refusal != null ? refusal : "The body of this ObjectMessage cannot be deserialized: " + e, e);
        }
    }

    private static MessageFormatException failed(String message, Exception cause) {
        MessageFormatException failed = new MessageFormatException(message);
        failed.initCause(cause);
        if (cause != null) {
            failed.setLinkedException(cause);
        }
        return failed;
    }

    /** Finds the application's classes, also in a container where the provider has a class loader of its own. */
    private static final class Input extends ObjectInputStream {
        Input(byte[] bytes) throws IOException {
            super(new ByteArrayInputStream(bytes));
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            if (loader != null) {
                try {
                    return Class.forName(description.getName(), false, loader);
                } catch (ClassNotFoundException e) {
                    // The provider's own loader may know it; it also knows the primitive types.
                    return super.resolveClass(description);
                }
            }
            return super.resolveClass(description);
        }
    }

    /** Refuses by class, depth and claimed length, and remembers why. For one stream. */
    private static final class Guard implements ObjectInputFilter {
        private final AllowedClasses allowed;
        private final int bodyBytes;
        private @Nullable String refusal;

        Guard(AllowedClasses allowed, int bodyBytes) {
            this.allowed = allowed;
            this.bodyBytes = bodyBytes;
        }

        @Override
        public Status checkInput(FilterInfo info) {
            ObjectInputFilter ofTheJvm = ObjectInputFilter.Config.getSerialFilter();
            if (ofTheJvm != null && ofTheJvm.checkInput(info) == Status.REJECTED) {
                return refuse("The JVM's filter (jdk.serialFilter) refuses the body of this ObjectMessage.");
            } else if (info.depth() > MAX_DEPTH) {
                return refuse("The body of this ObjectMessage is nested deeper than " + MAX_DEPTH + ".");
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
            } else if (!allowed.allows(type.getName())) {
                return refuse("The body of this ObjectMessage holds a " + type.getName()
                        + ", which the connection option " + AllowedClasses.OPTION + " (\"" + allowed
                        + "\") does not list. If you trust its senders, add it: " + AllowedClasses.OPTION + "="
                        + (allowed.toString().isEmpty() ? "" : allowed + ",") + type.getName());
            } else if (info.depth() > MAX_HASH_TABLE_DEPTH && type == Map.Entry.class) {
                // Hash tables announce their entries; their own class is told once per stream only.
                return refuse("The body of this ObjectMessage has hash tables nested deeper than "
                        + MAX_HASH_TABLE_DEPTH + ".");
            }
            return Status.ALLOWED;
        }

        private Status refuse(String why) {
            refusal = why;
            return Status.REJECTED;
        }
    }
}
