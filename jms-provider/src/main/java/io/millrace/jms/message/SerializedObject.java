// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import jakarta.jms.MessageFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** Java serialization for the bodies of ObjectMessages; reading is guarded by a {@link DeserializationPolicy}. */
final class SerializedObject {
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
     * @param policy what it may be made of; {@code null} when it was written in here
     */
    static @Nullable Serializable read(byte[] bytes, @Nullable DeserializationPolicy policy)
            throws MessageFormatException {
        DeserializationPolicy.Guard guard = policy == null ? null : policy.forBody(bytes.length);
        try (Input in = new Input(bytes)) {
            if (guard != null) {
                in.setObjectInputFilter(guard);
            }
            return (Serializable) in.readObject();
        } catch (IOException | ClassNotFoundException | RuntimeException | LinkageError | StackOverflowError e) {
            String refusal = guard == null ? null : guard.refusal();
            throw failed(refusal != null ? refusal : "The body of this ObjectMessage cannot be deserialized: " + e, e);
        }
    }

    private static MessageFormatException failed(String message, Throwable cause) {
        MessageFormatException failed = new MessageFormatException(message);
        failed.initCause(cause);
        if (cause instanceof Exception exception) {
            failed.setLinkedException(exception);
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
}
