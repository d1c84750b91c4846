// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.arjuna.ats.arjuna.common.CoreEnvironmentBeanException;
import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.arjPropertyManager;
import com.arjuna.ats.arjuna.common.recoveryPropertyManager;
import com.arjuna.ats.arjuna.recovery.RecoveryManager;
import com.arjuna.ats.arjuna.recovery.RecoveryModule;
import com.arjuna.ats.internal.arjuna.recovery.AtomicActionRecoveryModule;
import com.arjuna.ats.internal.jta.recovery.arjunacore.JTANodeNameXAResourceOrphanFilter;
import com.arjuna.ats.internal.jta.recovery.arjunacore.JTATransactionLogXAResourceOrphanFilter;
import com.arjuna.ats.internal.jta.recovery.arjunacore.XARecoveryModule;
import com.arjuna.ats.jta.common.jtaPropertyManager;
import com.arjuna.ats.jta.recovery.XAResourceRecoveryHelper;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import io.millrace.jms.MillraceXAConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.TextMessage;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import jakarta.transaction.HeuristicMixedException;
import jakarta.transaction.HeuristicRollbackException;
import jakarta.transaction.Status;
import jakarta.transaction.SystemException;
import jakarta.transaction.TransactionManager;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;

/**
 * A process with Narayana's transaction manager: recovers what an earlier one left, then moves messages, each in a
 * transaction of two resources: from the queue "in" of the first broker to "out" of both, or to a database. It tells its parent by lines on
 * its standard output, and waits for a line of its standard input where a kill of a broker is due.
 */
final class NarayanaWorker {
    static final String IN = "in";
    static final String OUT = "out";

    /** Lines: recovered; at a crash point, waiting; what should not be; the end. */
    static final String RECOVERED = "RECOVERED";

    static final String PAUSED = "PAUSED";
    static final String HEURISTIC = "HEURISTIC";
    static final String DONE = "DONE";
    /** Followed by a text that is in the database, once all is recovered. */
    static final String ROW = "ROW ";

    /** A crash point that kills the transaction manager itself. */
    static final String HALT = "halt";

    private static final int RECEIVE_MS = 3_000;
    private static final int HALTED = 9;

    private final BufferedReader parent = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    private final String[] urls;
    private final Random random;
    private final String plan;
    private boolean planned;

    private NarayanaWorker(String[] urls, long seed, String plan) {
        this.urls = urls;
        this.random = new Random(seed);
        this.plan = plan;
        this.planned = !plan.isEmpty();
    }

    /** Arguments: the URLs of the brokers, or of the first and a database, the store's directory, a seed, how many transactions, [halt|pause]@crash point. */
    public static void main(String[] arguments) throws Exception {
        configure(arguments[2]);
        NarayanaWorker worker = new NarayanaWorker(
                new String[] {arguments[0], arguments[1]},
                Long.parseLong(arguments[3]),
                arguments.length > 5 ? arguments[5] : "");
        worker.recover();
        tell(RECOVERED);
        worker.work(Integer.parseInt(arguments[4]));
        tell(DONE);
        Runtime.getRuntime().halt(0);
    }

    private static void tell(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static void configure(String store) throws CoreEnvironmentBeanException {
        for (String name : List.of("default", "stateStore", "communicationStore")) {
            ObjectStoreEnvironmentBean bean = BeanPopulator.getNamedInstance(
                    ObjectStoreEnvironmentBean.class, name.equals("default") ? null : name);
            bean.setObjectStoreDir(store);
        }
        arjPropertyManager.getCoreEnvironmentBean().setNodeIdentifier("1");
        jtaPropertyManager.getJTAEnvironmentBean().setXaRecoveryNodes(List.of("1"));
        jtaPropertyManager
                .getJTAEnvironmentBean()
                .setXaResourceOrphanFilters(List.of(
                        new JTATransactionLogXAResourceOrphanFilter(), new JTANodeNameXAResourceOrphanFilter()));
        jtaPropertyManager.getJTAEnvironmentBean().setOrphanSafetyInterval(1);
        recoveryPropertyManager.getRecoveryEnvironmentBean().setRecoveryBackoffPeriod(1);
    }

    /** Scans until neither broker has a branch in doubt. */
    private void recover() throws Exception {
        XARecoveryModule xa = new XARecoveryModule();
        List<RecoveryModule> modules = List.of(new AtomicActionRecoveryModule(), xa);
        recoveryPropertyManager.getRecoveryEnvironmentBean().setRecoveryModules(modules);
        recoveryPropertyManager.getRecoveryEnvironmentBean().setRecoveryListener(false);
        RecoveryManager manager = RecoveryManager.manager(RecoveryManager.DIRECT_MANAGEMENT);
        manager.initialize();
        List<SecondResource> opened = new ArrayList<>();
        XAResource[] resources = new XAResource[urls.length];
        for (int i = 0; i < urls.length; i++) {
            opened.add(SecondResource.open(urls[i]));
            resources[i] = opened.get(i).resource();
        }
        xa.addXAResourceRecoveryHelper(new XAResourceRecoveryHelper() {
            @Override
            public boolean initialise(String property) {
                return true;
            }

            @Override
            public XAResource[] getXAResources() {
                return resources;
            }
        });
        do {
            manager.scan();
        } while (isInDoubt(resources));
        manager.terminate(false);
        for (SecondResource resource : opened) {
            resource.close();
        }
        if (urls[1].startsWith(SecondResource.DATABASE)) {
            for (String text : SecondResource.Database.texts(urls[1].substring(SecondResource.DATABASE.length()))) {
                tell(ROW + text);
            }
        }
    }

    private static boolean isInDoubt(XAResource[] resources) throws XAException {
        for (XAResource resource : resources) {
            if (resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN).length > 0) {
                return true;
            }
        }
        return false;
    }

    private void work(int transactions) throws Exception {
        TransactionManager manager = com.arjuna.ats.jta.TransactionManager.transactionManager();
        manager.setTransactionTimeout(60);
        if (transactions == 0) {
            return;
        }
        try (XAConnection first = new MillraceXAConnectionFactory(urls[0]).createXAConnection();
                SecondResource there = SecondResource.open(urls[1])) {
            first.start();
            XASession here = first.createXASession();
            MessageConsumer consumer = here.createConsumer(here.createQueue(IN));
            for (int i = 0; i < transactions; i++) {
                move(manager, here, consumer, there);
            }
        }
    }

    private void move(TransactionManager manager, XASession here, MessageConsumer consumer, SecondResource there)
            throws Exception {
        manager.begin();
        try {
            Consumer<CrashPoint> moments = this::at;
            manager.getTransaction().enlistResource(new CrashingResource(here.getXAResource(), 1, moments));
            manager.getTransaction().enlistResource(new CrashingResource(there.resource(), 2, moments));
            TextMessage message = (TextMessage) consumer.receive(RECEIVE_MS);
            if (message == null) {
                manager.rollback();
                return;
            }
            here.createProducer(here.createQueue(OUT)).send(here.createTextMessage(message.getText()));
            there.add(message.getText());
            if (random.nextInt(5) == 0) {
                manager.rollback();
            } else {
                manager.commit();
            }
        } catch (HeuristicMixedException | HeuristicRollbackException e) {
            tell(HEURISTIC + " " + e);
        } catch (JMSException | SQLException | jakarta.transaction.RollbackException | SystemException e) {
            tell("rolled back: " + e);
            if (manager.getStatus() != Status.STATUS_NO_TRANSACTION) {
                manager.rollback();
            }
        }
    }

    private void at(CrashPoint now) {
        if (!planned || !plan.endsWith("@" + now)) {
            return;
        }
        planned = false;
        if (plan.startsWith(HALT)) {
            Runtime.getRuntime().halt(HALTED);
        }
        tell(PAUSED);
        try {
            var unused = parent.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
