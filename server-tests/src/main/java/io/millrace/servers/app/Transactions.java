// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers.app;

import jakarta.transaction.RollbackException;
import jakarta.transaction.SystemException;
import jakarta.transaction.TransactionManager;
import java.util.List;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.transaction.xa.XAResource;

/** The server's transaction manager, which Jakarta EE hides from applications: each server has a way of its own to it. */
final class Transactions {
    private static final List<String> NAMES =
            List.of("java:jboss/TransactionManager", "java:appserver/TransactionManager");
    private static final String LIBERTY = "com.ibm.tx.jta.TransactionManagerFactory";

    private Transactions() {}

    /** Adds a participant to the current transaction. */
    static void enlist(XAResource resource) {
        try {
            boolean enlisted = manager().getTransaction().enlistResource(resource);
            if (!enlisted) {
                throw new IllegalStateException("the transaction manager refused " + resource);
            }
        } catch (SystemException | RollbackException e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("BanJNDI") // fixed names
    private static TransactionManager manager() {
        for (String name : NAMES) {
            try {
                return InitialContext.doLookup(name);
            } catch (NamingException e) {
                // Another server's name.
            }
        }
        try {
            Object manager =
                    Class.forName(LIBERTY).getMethod("getTransactionManager").invoke(null);
            return (TransactionManager) manager;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no way to the transaction manager of this server is known", e);
        }
    }
}
