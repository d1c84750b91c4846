// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.beans;

import jakarta.ejb.EJB;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The load's hand inside the server. {@code ?do=receive&bean=B&count=N&patience=S} lets a message-driven bean work off the
 * {@code N} messages that wait and answers with its rate; {@code start} and {@code stop} let one have its sessions or not;
 * {@code ?do=send&xa=true&threads=T&ramp=MS&window=MS&bytes=N} answers with how many were sent, a blank, and the rate.
 */
@WebServlet("/control")
public class Control extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @EJB
    private Sender sender;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            response.getWriter().print(act(request));
        } catch (JMException | ExecutionException | IllegalStateException e) {
            log("The load's request failed", e);
            response.sendError(HttpServletResponse.SC_INTERNAL_SERVER_ERROR, String.valueOf(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private String act(HttpServletRequest request) throws JMException, InterruptedException, ExecutionException {
        String bean = String.valueOf(request.getParameter("bean"));
        String action = String.valueOf(request.getParameter("do"));
        return switch (action) {
            case "start" -> deliver(bean, "startDelivery");
            case "stop" -> deliver(bean, "stopDelivery");
            case "receive" -> receive(bean, number(request, "count"), number(request, "patience"));
            case "send" -> send(request);
            default -> throw new IllegalStateException("There is no action " + action);
        };
    }

    private static long number(HttpServletRequest request, String name) {
        return Long.parseLong(request.getParameter(name));
    }

    private static String receive(String bean, long count, long patienceSeconds)
            throws JMException, InterruptedException {
        Progress progress = Progress.begin(count);
        deliver(bean, "startDelivery");
        try {
            return Double.toString(progress.rate(patienceSeconds));
        } finally {
            deliver(bean, "stopDelivery");
        }
    }

    /** By WildFly's management model, which its MBean server shows. */
    private static String deliver(String bean, String operation) throws JMException {
        ObjectName name = new ObjectName("jboss.as:deployment=adapter.war,subsystem=ejb3,message-driven-bean=" + bean);
        ManagementFactory.getPlatformMBeanServer().invoke(name, operation, new Object[0], new String[0]);
        return "done";
    }

    private String send(HttpServletRequest request) throws InterruptedException, ExecutionException {
        byte[] body = new byte[(int) number(request, "bytes")];
        boolean xa = Boolean.parseBoolean(request.getParameter("xa"));
        int threads = (int) number(request, "threads");
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            SendingThreads.Sent sent = new SendingThreads()
                    .run(
                            executor,
                            threads,
                            xa ? () -> sender.inTransaction(body) : () -> sender.plainly(body),
                            Duration.ofMillis(number(request, "ramp")),
                            Duration.ofMillis(number(request, "window")));
            return sent.messages() + " " + sent.rate();
        } finally {
            executor.shutdown();
        }
    }
}
