import HubProtocol

/// Texts that the scanner must take, and texts it must refuse, with the reason.
enum JSONVectors {
    static let accepted: [String] = [
        // Literals and white space.
        "null", "true", "false", " true", "true ", "\tnull\t", "\n\r\t false \r\n",
        // Numbers.
        "0", "-0", "1", "-1", "10", "123456789", "0.0", "-0.0", "0.5", "1.25", "-12.375", "0e0", "0E0", "1e1", "1E1",
        "1e+1", "1e-1", "1E+10", "1E-10", "1.5e300", "-1.5e-300", "0e+1", "0.00001", "123.456e78",
        "9007199254740993", "18446744073709551616", "-9223372036854775809",
        "100000000000000000000000000000000000000000000000000", "1e00001", "0.10", "20e1",
        // Strings.
        #""""#, #""a""#, #""abcdefg""#, #""abcdefgh""#, #""abcdefghi""#, #""0123456789abcdef0123456789abcdef""#,
        #""\"""#, #""\\""#, #""\/""#, #""\b\f\n\r\t""#, #""\u0061""#, #""\u00e9\u00E9""#, #""\uD83D\uDE00""#,
        #""\ud83d\ude00""#, #""\udbff\udfff""#, #""\ud800\udc00""#, #""\uffff\ufffe""#, #""\u0001\u001f""#,
        #""\u2028""#,
        #""\ue000\ud7ff""#, #""\u007f""#, #""\\u0000""#, #""\\\\""#, #""\\\"""#, "\"\u{7f}\"", "\"\u{2028}\u{2029}\"",
        "\"Привет\"", "\"€\"", "\"😀\"", "\"\u{feff}\"", "\"\u{fffd}\"", "\"\u{10ffff}\"", #""1234567\n""#,
        #""12345678\n""#, #""123456789\n12345678""#, #""[]{},:""#, #""// no comment""#, #""'""#, #"" ""#,
        // Arrays.
        "[]", "[ ]", "[\n]", "[1]", "[1,2]", "[ 1 , 2 ]", "[[]]", "[[],[]]", "[[[[1]]]]", "[null,true,false]",
        #"["a","b"]"#, "[1,[2,[3]],4]", "[{}]", "[{},{}]", "[[{}],[{}]]", "[\"\"]", "[-1.5e3]", "[1\n,\n2]", "[0,0,0]",
        // Objects.
        "{}", "{ }", "{\t}", #"{"a":1}"#, #"{"a":1,"b":2}"#, #"{ "a" : 1 , "b" : 2 }"#, #"{"":0}"#, #"{"a":{}}"#,
        #"{"a":{"a":{"a":[]}}}"#, #"{"a":[1,{"b":[2]}]}"#, #"{"a":1,"a":2}"#, #"{"\u0061":1}"#, #"{"a\"b":1}"#,
        #"{"a":"b","c":"d"}"#, #"{"a":null,"b":true,"c":false}"#, "{\"a\"\n:\n1\n}", #"{"Ключ":"значение"}"#,
        #"{"a":[],"b":{},"c":[[]]}"#, #"{"a":[{"b":1},{"c":[2,{"d":3}]}],"e":4}"#, #"{"😀":"😀"}"#,
        // As deep as allowed.
        String(repeating: "[", count: 32) + String(repeating: "]", count: 32),
        String(repeating: #"{"a":"#, count: 31) + "[]" + String(repeating: "}", count: 31),
        String(repeating: "[{\"a\":", count: 15) + "[{}]" + String(repeating: "}]", count: 15),
    ]

    static let refused: [(text: String, reason: JSONFault.Reason)] = [
        // Nothing, or not enough.
        ("", .endsEarly), (" ", .endsEarly), ("t", .endsEarly), ("tru", .endsEarly), ("nul", .endsEarly),
        ("f", .endsEarly), ("-", .endsEarly), ("1.", .endsEarly), ("1e", .endsEarly), ("1e+", .endsEarly),
        ("\"", .endsEarly), ("\"abc", .endsEarly), ("\"\\", .endsEarly), ("\"\\u", .endsEarly), ("\"\\u12", .endsEarly),
        ("\"abcdefgh", .endsEarly), (#""\""#, .endsEarly), (#""\ud800"#, .endsEarly), (#""\ud800\"#, .endsEarly),
        (#""\ud800\u"#, .endsEarly), (#""\ud800\udc0"#, .endsEarly), ("[", .endsEarly), ("[1", .endsEarly),
        ("[1,", .endsEarly), ("{", .endsEarly), ("{\"a\"", .endsEarly), ("{\"a\":", .endsEarly),
        ("{\"a\":1", .endsEarly),
        ("{\"a\":1,", .endsEarly), ("[[]", .endsEarly), ("{\"a\":{}", .endsEarly), ("[\"a\"", .endsEarly),
        ("{\"a\":[", .endsEarly), ("[{", .endsEarly), ("[-", .endsEarly), ("[tru", .endsEarly),
        // Bytes that cannot stand there.
        ("]", .unexpectedByte), ("}", .unexpectedByte), (",", .unexpectedByte), (":", .unexpectedByte),
        ("abc", .unexpectedByte), ("True", .unexpectedByte), ("TRUE", .unexpectedByte), ("trve", .unexpectedByte),
        ("nulL", .unexpectedByte), ("NaN", .unexpectedByte), ("Infinity", .unexpectedByte),
        ("undefined", .unexpectedByte),
        ("'a'", .unexpectedByte), ("`a`", .unexpectedByte), ("+1", .unexpectedByte), (".5", .unexpectedByte),
        ("//", .unexpectedByte), ("/**/1", .unexpectedByte), ("#", .unexpectedByte), ("\u{feff}1", .unexpectedByte),
        ("\u{a0}1", .unexpectedByte), ("\u{b}1", .unexpectedByte), ("\u{c}1", .unexpectedByte),
        ("\u{7f}", .unexpectedByte),
        ("[,]", .unexpectedByte), ("[,1]", .unexpectedByte), ("[1,]", .unexpectedByte), ("[1,,2]", .unexpectedByte),
        ("[1 2]", .unexpectedByte), ("[1}", .unexpectedByte), ("[}", .unexpectedByte), ("[[1}]", .unexpectedByte),
        ("[1:2]", .unexpectedByte), ("[\"a\":1]", .unexpectedByte), ("[\"a\" \"b\"]", .unexpectedByte),
        ("[a]", .unexpectedByte), ("[1;2]", .unexpectedByte), ("[0x1]", .unexpectedByte), ("[1_0]", .unexpectedByte),
        ("{]", .unexpectedByte), ("{,}", .unexpectedByte), ("{\"a\"}", .unexpectedByte), ("{\"a\",1}", .unexpectedByte),
        ("{\"a\":}", .unexpectedByte), ("{\"a\":1,}", .unexpectedByte), ("{\"a\":1,,\"b\":2}", .unexpectedByte),
        ("{\"a\":1 \"b\":2}", .unexpectedByte), ("{\"a\":1]", .unexpectedByte), ("{a:1}", .unexpectedByte),
        ("{1:1}", .unexpectedByte), ("{'a':1}", .unexpectedByte), ("{null:1}", .unexpectedByte),
        ("{[]:1}", .unexpectedByte),
        ("{\"a\"::1}", .unexpectedByte), ("{\"a\":1:2}", .unexpectedByte), ("{\"a\":\"b\":\"c\"}", .unexpectedByte),
        ("{:1}", .unexpectedByte), ("[\"a\",\n\u{b}1]", .unexpectedByte), ("[1,//\n2]", .unexpectedByte),
        ("[1e5.0]", .unexpectedByte), ("[1.2.3]", .unexpectedByte), ("[truefalse]", .unexpectedByte),
        ("{\"a\":true false}", .unexpectedByte), ("[\u{1f}]", .unexpectedByte),
        // Too much.
        ("1 2", .trailingBytes), ("1,", .trailingBytes), ("nullnull", .trailingBytes), ("truex", .trailingBytes),
        ("{}{}", .trailingBytes), ("[]]", .trailingBytes), ("{}}", .trailingBytes), ("\"a\"b", .trailingBytes),
        ("\"a\" \"b\"", .trailingBytes), ("{}\n{}", .trailingBytes), ("1//", .trailingBytes), ("[] x", .trailingBytes),
        ("0x10", .trailingBytes), ("1.5.5", .trailingBytes), ("0e1e1", .trailingBytes), ("\"\"\"", .trailingBytes),
        // Numbers.
        ("00", .malformedNumber), ("01", .malformedNumber), ("-01", .malformedNumber), ("-a", .malformedNumber),
        ("--1", .malformedNumber), ("-.5", .malformedNumber), ("1.e1", .malformedNumber), ("1.a", .malformedNumber),
        ("1ea", .malformedNumber), ("1e+-1", .malformedNumber), ("1ee1", .malformedNumber), ("1e.5", .malformedNumber),
        ("[1.]", .malformedNumber), ("[1e]", .malformedNumber), ("[-]", .malformedNumber),
        ("-Infinity", .malformedNumber),
        ("[012]", .malformedNumber), ("1.-1", .malformedNumber), ("{\"a\":1.}", .malformedNumber),
        // Strings.
        ("\"\u{1}\"", .controlCharacter), ("\"\t\"", .controlCharacter), ("\"\u{1f}\"", .controlCharacter),
        ("\"abcdefgh\u{8}\"", .controlCharacter), ("{\"\t\":1}", .controlCharacter),
        ("[\"a\u{1b}b\"]", .controlCharacter),
        ("\"\\n\u{2}\"", .controlCharacter),
        ("\"\n\"", .lineBreak), ("\"\r\"", .lineBreak), ("\"abcdefg\n\"", .lineBreak), ("{\"a\nb\":1}", .lineBreak),
        (#""\x""#, .malformedEscape), (#""\a""#, .malformedEscape), (#""\'""#, .malformedEscape),
        (#""\U0041""#, .malformedEscape), (#""\u""#, .malformedEscape), (#""\u12""#, .malformedEscape),
        (#""\u123""#, .malformedEscape), (#""\u12G4""#, .malformedEscape), (#""\u+123""#, .malformedEscape),
        (#""\u 123""#, .malformedEscape), (#""\0""#, .malformedEscape), ("\"\\\n\"", .malformedEscape),
        (#""\ud800\u12""#, .malformedEscape), (#"{"\x":1}"#, .malformedEscape), (#""\é""#, .malformedEscape),
        (#""\ud800""#, .loneSurrogate), (#""\udbff""#, .loneSurrogate), (#""\udc00""#, .loneSurrogate),
        (#""\uDFFF""#, .loneSurrogate), (#""\ud800a""#, .loneSurrogate), (#""\ud800\n""#, .loneSurrogate),
        (#""\ud800\ud800""#, .loneSurrogate), (#""\ud800\u0041""#, .loneSurrogate),
        (#""\udc00\ud800""#, .loneSurrogate),
        (#"{"\ud800":1}"#, .loneSurrogate), (#"[["\ude00"]]"#, .loneSurrogate),
        (#""\ud83d\ude00\ud83d""#, .loneSurrogate),
        (#""\u0000""#, .nul), (#""a\u0000b""#, .nul), (#"{"\u0000":1}"#, .nul), ("\u{0}", .nul), ("[\u{0}]", .nul),
        ("\"a\u{0}b\"", .nul), ("1\u{0}", .nul), ("[1,\u{0}2]", .nul),
        // Too deep.
        (String(repeating: "[", count: 33) + String(repeating: "]", count: 33), .tooDeep),
        (String(repeating: #"{"a":"#, count: 33) + "1" + String(repeating: "}", count: 33), .tooDeep),
        (String(repeating: "[", count: 100_000), .tooDeep),
        (String(repeating: "[1,[2],", count: 32) + "[", .tooDeep),
    ]
}
