package org.oz4j.xml;

import java.io.StringWriter;
import java.util.Map;

import jakarta.xml.bind.JAXBContext;
import jakarta.xml.bind.JAXBException;
import jakarta.xml.bind.Marshaller;
import jakarta.xml.bind.Unmarshaller;

/** One root element's binding; making it costs some tenths of a second, so it is made once, when it is first needed. */
public final class XmlBinding {
    private final JAXBContext context;

    /** Binds a class that stands for a root element. */
    public XmlBinding(Class<?> root) {
        // JAXB looks for its implementation in the thread's class loader, which in an application server or a
        // pool's thread may know nothing of ours.
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(XmlBinding.class.getClassLoader());
        try {
            context = JAXBContext.newInstance(new Class<?>[] {root}, Map.of());
        } catch (JAXBException e) {
            throw new IllegalStateException(
                    "JAXB can't bind " + root.getName() + "; is jaxb-runtime on the class path?", e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** A reader; used by one thread. */
    public Unmarshaller unmarshaller() {
        try {
            return context.createUnmarshaller();
        } catch (JAXBException e) {
            throw new IllegalStateException("JAXB gives no reader", e);
        }
    }

    /** The root object as an XML document. */
    public String write(Object root) {
        try {
            Marshaller marshaller = context.createMarshaller();
            marshaller.setProperty(Marshaller.JAXB_FORMATTED_OUTPUT, true);
            marshaller.setProperty(Marshaller.JAXB_FRAGMENT, true);
            StringWriter out = new StringWriter();
            out.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
            marshaller.marshal(root, out);
            out.write('\n');
            return out.toString();
        } catch (JAXBException e) {
            throw new IllegalStateException(root.getClass().getName() + " can't be written as XML", e);
        }
    }
}
