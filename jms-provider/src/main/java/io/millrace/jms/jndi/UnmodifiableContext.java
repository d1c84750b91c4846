// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import javax.naming.Context;
import javax.naming.Name;
import javax.naming.OperationNotSupportedException;

/** Refuses whatever would change a context. */
abstract class UnmodifiableContext implements Context {

    private static OperationNotSupportedException refused(String operation) {
        return new OperationNotSupportedException(operation
                + " is not supported: the names are those of the properties that the context was made with. Bind more by"
                + " connectionFactory.NAME, xaConnectionFactory.NAME, queue.NAME and topic.NAME in jndi.properties or in the"
                + " environment of a new InitialContext");
    }

    @Override
    public final void bind(Name name, Object object) throws OperationNotSupportedException {
        throw refused("bind");
    }

    @Override
    public final void bind(String name, Object object) throws OperationNotSupportedException {
        throw refused("bind");
    }

    @Override
    public final void rebind(Name name, Object object) throws OperationNotSupportedException {
        throw refused("rebind");
    }

    @Override
    public final void rebind(String name, Object object) throws OperationNotSupportedException {
        throw refused("rebind");
    }

    @Override
    public final void unbind(Name name) throws OperationNotSupportedException {
        throw refused("unbind");
    }

    @Override
    public final void unbind(String name) throws OperationNotSupportedException {
        throw refused("unbind");
    }

    @Override
    public final void rename(Name oldName, Name newName) throws OperationNotSupportedException {
        throw refused("rename");
    }

    @Override
    public final void rename(String oldName, String newName) throws OperationNotSupportedException {
        throw refused("rename");
    }

    @Override
    public final Context createSubcontext(Name name) throws OperationNotSupportedException {
        throw refused("createSubcontext");
    }

    @Override
    public final Context createSubcontext(String name) throws OperationNotSupportedException {
        throw refused("createSubcontext");
    }

    @Override
    public final void destroySubcontext(Name name) throws OperationNotSupportedException {
        throw refused("destroySubcontext");
    }

    @Override
    public final void destroySubcontext(String name) throws OperationNotSupportedException {
        throw refused("destroySubcontext");
    }

    /** Refused as well: the properties have been read, one more would have no effect. */
    @Override
    public final Object addToEnvironment(String property, Object value) throws OperationNotSupportedException {
        throw refused("addToEnvironment");
    }

    /** Refused as well: the properties have been read, one less would have no effect. */
    @Override
    public final Object removeFromEnvironment(String property) throws OperationNotSupportedException {
        throw refused("removeFromEnvironment");
    }
}
