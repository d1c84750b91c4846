// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;
import org.jspecify.annotations.Nullable;

/** Makes Millrace's administered objects from their JNDI references. */
public final class MillraceObjectFactory implements ObjectFactory {

    /** The object that the reference names, or {@code null} when it is not one of Millrace's. */
    @Override
    public @Nullable Object getObjectInstance(
            Object object, @Nullable Name name, @Nullable Context context, @Nullable Hashtable<?, ?> environment) {
        if (!(object instanceof Reference reference)) {
            return null;
        }
        String className = reference.getClassName();
        if (className.equals(MillraceQueue.class.getName())) {
            return new MillraceQueue(text(reference, MillraceDestination.NAME));
        }
        if (className.equals(MillraceTopic.class.getName())) {
            MillraceTopic topic = new MillraceTopic(text(reference, MillraceDestination.NAME));
            topic.setFrom(text(reference, MillraceDestination.FROM));
            return topic;
        }
        if (className.equals(MillraceConnectionFactory.class.getName())
                || className.equals(MillraceXAConnectionFactory.class.getName())) {
            return MillraceConnectionFactory.from(reference);
        }
        return null;
    }

    private static String text(Reference reference, String key) {
        RefAddr address = reference.get(key);
        return address == null ? "" : String.valueOf(address.getContent());
    }
}
