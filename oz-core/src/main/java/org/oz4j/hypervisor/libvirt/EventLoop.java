package org.oz4j.hypervisor.libvirt;

import org.libvirt.Connect;
import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.libvirt.jna.Libvirt.VirErrorCallback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread of the process that hands out libvirt's events. */
final class EventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    // Errors come as exceptions too; without a callback libvirt prints each to the standard error output. Native code
    // holds it, so nothing may collect it.
    private static final VirErrorCallback ON_ERROR = (data, error) -> LOG.trace("libvirt reported an error");

    private static boolean started;

    private EventLoop() {}

    /** Starts the thread, the first time; to be called before the first connection is made. */
    static synchronized void start() throws LibvirtException {
        if (started) {
            return;
        }
        Library.initEventLoop();
        Connect.setErrorCallback(ON_ERROR);
        Thread thread = new Thread(EventLoop::run, "oz-libvirt-events");
        thread.setDaemon(true);
        thread.start();
        started = true;
    }

    private static void run() {
        while (true) {
            try {
                Library.processEvent();
            } catch (LibvirtException e) {
                LOG.error("libvirt's event loop ended: machines that stop will not be noticed", e);
                return;
            } catch (RuntimeException e) {
                LOG.warn("An event of libvirt could not be handled", e);
            }
        }
    }
}
