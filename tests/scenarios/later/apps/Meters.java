import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Reads meters at night, and logs what it could not read by java.util.logging. */
public class Meters {
    private static final Logger LOG = Logger.getLogger("energy.meters.Reader");

    static double kilowattHours(String reading) {
        return Double.parseDouble(reading.trim()) / 1000;
    }

    static double readingOf(int meter, String reading) {
        try {
            return kilowattHours(reading);
        } catch (NumberFormatException e) {
            throw new IllegalStateException("meter " + meter + " could not be read", e);
        }
    }

    public static void main(String[] words) {
        int meter = 40210;
        for (String reading : List.of("1200", "12,5", "800", "n/a", "910", "44,1", "1001", "")) {
            meter += 17;
            try {
                LOG.info("meter " + meter + " read: " + readingOf(meter, reading) + " kWh");
            } catch (IllegalStateException e) {
                LOG.log(Level.SEVERE, "skipping meter " + meter, e);
            }
        }
        LOG.info("8 meters done");
    }
}
