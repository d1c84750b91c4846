// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.jndi;

import java.util.Iterator;
import javax.naming.NamingEnumeration;

/** What was listed, one after the other. */
final class Listing<T> implements NamingEnumeration<T> {
    private final Iterator<T> rest;

    Listing(Iterator<T> rest) {
        this.rest = rest;
    }

    @Override
    public boolean hasMore() {
        return rest.hasNext();
    }

    @Override
    public T next() {
        return rest.next();
    }

    @Override
    public boolean hasMoreElements() {
        return hasMore();
    }

    @Override
    public T nextElement() {
        return next();
    }

    /** Nothing is held. */
    @Override
    public void close() {}
}
